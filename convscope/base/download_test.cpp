#include "convscope/base/download.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "convscope/base/base_testing.h"
#include "convscope/base/md5.h"

namespace convscope {
namespace {

/** A server of one file on loopback, with the faults that servers have. Each connection is one request. */
class Server {
 public:
  struct Faults {
    bool knows_ranges = true;
    bool says_length = true;
    size_t breaks_off_after = std::string::npos;  // bytes of the content, at the first request
    std::string answer = {};                      // in place of everything
    bool shifts_ranges = false;                   // sends other bytes than those asked for
  };

  Server(std::string content, Faults faults) : content_(std::move(content)), faults_(faults), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, any, length) != 0 || ::listen(socket_, 8) != 0 || ::getsockname(socket_, any, &length) != 0)
      fail("no server on loopback");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string url() const { return fmt::format("http://127.0.0.1:{}/file", port_); }
  int requests() const { return requests_; }
  int64_t bytes_sent() const { return sent_; }

 private:
  void serve() {
    for (int client = 0; (client = ::accept(socket_, nullptr, nullptr)) >= 0; ::close(client)) answer(client);
  }

  void answer(int client) {
    std::string request;
    for (char c = 0; request.find("\r\n\r\n") == std::string::npos && ::recv(client, &c, 1, 0) == 1;) request += c;
    const int number = ++requests_;
    if (!faults_.answer.empty()) return send(client, faults_.answer);
    size_t begin = 0;
    if (const size_t at = request.find("Range: bytes="); at != std::string::npos && faults_.knows_ranges)
      begin = std::stoul(request.substr(at + 13));
    if (begin >= content_.size() && begin > 0)
      return send(client, fmt::format("HTTP/1.1 416 no\r\nContent-Range: bytes */{}\r\nContent-Length: 0\r\n\r\n", content_.size()));
    std::string head = begin > 0 ? "HTTP/1.1 206 part\r\n" : "HTTP/1.1 200 all\r\n";
    const size_t said = begin > 0 && faults_.shifts_ranges ? begin + 1 : begin;
    if (begin > 0) head += fmt::format("Content-Range: bytes {}-{}/{}\r\n", said, content_.size() - 1, content_.size());
    if (faults_.says_length) head += fmt::format("Content-Length: {}\r\n", content_.size() - begin);
    const size_t end = number == 1 ? std::min(faults_.breaks_off_after, content_.size()) : content_.size();
    send(client, head + "Connection: close\r\n\r\n");
    sent_ += static_cast<int64_t>(end - std::min(begin, end));
    send(client, content_.substr(std::min(begin, end), end - std::min(begin, end)));
  }

  static void send(int client, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
  }

  std::string content_;
  Faults faults_;
  int socket_;
  uint16_t port_ = 0;
  std::atomic<int> requests_ = 0;
  std::atomic<int64_t> sent_ = 0;
  std::thread thread_;
};

std::string some_content(size_t bytes = 1'000'000) {
  std::string content(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) content[i] = static_cast<char>(i * i >> 7);
  return content;
}

/** Loopback is not asked for by way of a proxy. */
class Download : public ::testing::Test {
 protected:
  Download() { ::setenv("no_proxy", "127.0.0.1", 1); }
  TemporaryFolder folder;
  const std::string content = some_content();
  const Path path = folder / "file", part = folder / "file.part";
};

}  // namespace

TEST_F(Download, BringsTheFileWholeAndChecksIt) {
  const Server server(content, {});
  int64_t last = 0, total = 0;
  const auto progress = [&](int64_t done, int64_t of) {
    EXPECT_GE(done, last);
    last = done, total = of;
  };
  const DownloadOptions checked{
      .expected_bytes = static_cast<int64_t>(content.size()), .md5 = md5(content), .progress = progress, .stop = {}};
  EXPECT_EQ(download(server.url(), folder / "new/folder/file", checked), DownloadEnd::done);
  EXPECT_EQ(read_file(folder / "new/folder/file"), content);
  EXPECT_FALSE(std::filesystem::exists(folder / "new/folder/file.part"));
  EXPECT_EQ(last, static_cast<int64_t>(content.size()));
  EXPECT_EQ(total, static_cast<int64_t>(content.size()));
}

TEST_F(Download, GoesOnFromWhereTheConnectionBrokeOff) {
  const Server server(content, {.breaks_off_after = 300'000});
  EXPECT_THROW_SAYING(download(server.url(), path), "broke off after 300000 bytes");
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(std::filesystem::file_size(part), 300'000u);
  EXPECT_EQ(download(server.url(), path, {.md5 = md5(content)}), DownloadEnd::done);
  EXPECT_EQ(read_file(path), content);
  EXPECT_EQ(server.bytes_sent(), static_cast<int64_t>(content.size())) << "nothing came twice";
}

TEST_F(Download, SaysThatRunningAgainGoesOn) {
  const Server server(content, {.breaks_off_after = 10});
  EXPECT_THROW_SAYING(download(server.url(), path), "run again to go on from there");
  EXPECT_THROW_SAYING(download("http://127.0.0.1:1/file", path), "run again to go on from there");
  EXPECT_EQ(std::filesystem::file_size(part), 10u) << "what has come stays";
}

TEST_F(Download, NoticesAnEarlyEndWhereOnlyTheCallerKnowsTheLength) {
  const Server server(content, {.says_length = false, .breaks_off_after = 1000});
  const DownloadOptions sized{.expected_bytes = static_cast<int64_t>(content.size())};
  EXPECT_THROW_SAYING(download(server.url(), path, sized), "broke off after 1000 of 1000000 bytes; run again");
  EXPECT_EQ(download(server.url(), path, sized), DownloadEnd::done);
  EXPECT_EQ(read_file(path), content);
}

TEST_F(Download, StartsAgainWhereTheServerKnowsNoRanges) {
  const Server server(content, {.knows_ranges = false});
  write_file(part, "something else");
  EXPECT_EQ(download(server.url(), path), DownloadEnd::done);
  EXPECT_EQ(read_file(path), content);
}

TEST_F(Download, StartsAgainWherePartAndServerDisagree) {
  const Server server(content, {});
  write_file(part, content + "and more");
  EXPECT_EQ(download(server.url(), path, {.md5 = md5(content)}), DownloadEnd::done);
  EXPECT_EQ(read_file(path), content);

  const Server shifting(content, {.shifts_ranges = true});
  write_file(part, content.substr(0, 100));
  EXPECT_EQ(download(shifting.url(), path, {.md5 = md5(content)}), DownloadEnd::done);
  EXPECT_EQ(read_file(path), content);
}

TEST_F(Download, TakesAPartThatIsWholeAsItIs) {
  const Server server(content, {});
  write_file(part, content);
  EXPECT_EQ(download(server.url(), path), DownloadEnd::done);
  write_file(part, content);
  EXPECT_EQ(download(server.url(), path, {.expected_bytes = static_cast<int64_t>(content.size()), .md5 = md5(content)}), DownloadEnd::done);
  EXPECT_EQ(read_file(path), content);
  EXPECT_EQ(server.bytes_sent(), 0);
  EXPECT_EQ(server.requests(), 1) << "none where the length was known";
}

TEST_F(Download, RemovesWhatHasAWrongChecksum) {
  const Server server(content, {});
  EXPECT_THROW_SAYING(download(server.url(), path, {.md5 = md5("other")}), "MD5 of what came is " + md5(content));
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(part));
}

TEST_F(Download, RefusesAFileOfAnotherLength) {
  const Server server(content, {});
  EXPECT_THROW_SAYING(download(server.url(), path, {.expected_bytes = 999}), "sends more than the 999 bytes");
  EXPECT_FALSE(std::filesystem::exists(part));
  EXPECT_THROW_SAYING(download(server.url(), path, {.expected_bytes = 1'000'001}), "is 1000000 bytes long, 1000001 were wanted");
  EXPECT_FALSE(std::filesystem::exists(part));
}

TEST_F(Download, SaysWhatTheServerAnswers) {
  const Server missing("", {.answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nsorry"});
  EXPECT_THROW_SAYING(download(missing.url(), path), "the server answers 404");
  EXPECT_FALSE(std::filesystem::exists(part)) << "nothing came, nothing stays";
  write_file(part, "half");
  EXPECT_THROW_SAYING(download(missing.url(), path), "the server answers 404");
  EXPECT_EQ(read_file(part), "half");
}

TEST_F(Download, LeavesThePartWhenItIsStopped) {
  const Server server(some_content(30'000'000), {});
  int asked = 0;
  const auto stop = [&] { return std::filesystem::exists(part) && std::filesystem::file_size(part) > 0 && ++asked > 1; };
  EXPECT_EQ(download(server.url(), path, {.stop = stop}), DownloadEnd::stopped);
  EXPECT_TRUE(std::filesystem::exists(part));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Download, SpeaksHttpAlone) {
  write_file(folder / "secret", "secret");
  const std::string local = "file://" + (folder / "secret").string();
  for (const std::string& url : {local, std::string("ftp://127.0.0.1/x"), std::string("secret"), std::string()})
    EXPECT_THROW_SAYING(download(url, path), "http:// or https:// was wanted");
  const Server leading("", {.answer = "HTTP/1.1 302 over there\r\nLocation: " + local + "\r\nContent-Length: 0\r\n\r\n"});
  EXPECT_THROW_SAYING(download(leading.url(), path), "cannot fetch");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Download, FollowsRedirectionsOnlySoFar) {
  const Server circle("", {.answer = "HTTP/1.1 302 round\r\nLocation: /file\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"});
  EXPECT_THROW_SAYING(download(circle.url(), path), "cannot fetch");
  EXPECT_LE(circle.requests(), 6);
}

TEST_F(Download, IsDoneByOneProcessAtATime) {
  const Server server(content, {});
  std::string refusal;
  const auto again = [&](int64_t, int64_t) {
    if (!refusal.empty()) return;
    try {
      download(server.url(), path);
    } catch (const Error& e) {
      refusal = e.what();
    }
  };
  EXPECT_EQ(download(server.url(), path, {.progress = again}), DownloadEnd::done);
  EXPECT_NE(refusal.find("another process is fetching this file"), std::string::npos) << refusal;
}

}  // namespace convscope

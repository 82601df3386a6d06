#include "convscope/base/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/md5.h"
#include "convscope/base/version.h"

namespace convscope {

namespace {

constexpr long kConnectSeconds = 30, kRedirects = 5;
constexpr long kOk = 200, kPartial = 206, kRangeNotSatisfiable = 416;

/** What has come so far, held against other processes that fetch the same. */
class Part {
 public:
  explicit Part(Path path) : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666)) {
    require(fd_ >= 0, "{}: cannot write: {}", path_.string(), std::strerror(errno));
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;  // some file systems have no locks
    ::close(fd_);
    fail("{}: another process is fetching this file", path_.string());
  }
  ~Part() {
    if (!finished_ && size() == 0) ::unlink(path_.c_str());
    ::close(fd_);
  }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  int64_t size() const {
    struct stat s = {};
    return ::fstat(fd_, &s) == 0 ? s.st_size : 0;
  }
  const Path& path() const { return path_; }

  /** 0, or the system's reason. */
  int append(std::string_view bytes) {
    if (::lseek(fd_, 0, SEEK_END) < 0) return errno;
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return errno;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return 0;
  }
  /** Back to no bytes; 0, or the system's reason. */
  int empty() { return ::ftruncate(fd_, 0) == 0 ? 0 : errno; }

  void remove() { ::unlink(path_.c_str()); }
  void finish(const Path& final_path) {
    finished_ = ::fsync(fd_) == 0 && ::rename(path_.c_str(), final_path.c_str()) == 0;
    const int why = errno;
    require(finished_, "{}: cannot write: {}", final_path.string(), std::strerror(why));
  }

 private:
  Path path_;
  int fd_;
  bool finished_ = false;
};

/** One request and what has come of it. */
struct Transfer {
  CURL* curl;
  Part& part;
  const DownloadOptions& options;
  int64_t asked_from;        // the first byte that was asked for
  int64_t total = 0;         // of the whole file, as the server says
  int64_t range_begin = -1;  // as the server says
  bool begun = false;        // the first byte of the content has come
  int system_error = 0;      // of writing
  bool too_long = false;
  bool stopped = false;

  long code() const {
    long answer = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    return answer;
  }

  /** The content: appended where it is the rest, from the start where it is all. */
  bool take(std::string_view bytes) {
    const bool rest = code() == kPartial && range_begin == asked_from;
    if (!rest && code() != kOk) return false;
    if (!std::exchange(begun, true) && !rest) system_error = part.empty();
    if (system_error == 0) system_error = part.append(bytes);
    too_long = options.expected_bytes > 0 && part.size() > options.expected_bytes;
    return system_error == 0 && !too_long;
  }

  /** "Content-Range: bytes 100-199/200"; a new answer after a redirection starts anew. */
  void take_header(std::string_view line) {
    if (line.starts_with("HTTP/")) total = 0, range_begin = -1;
    constexpr std::string_view kName = "content-range:";
    if (line.size() < kName.size() || ::strncasecmp(line.data(), kName.data(), kName.size()) != 0) return;
    line.remove_prefix(kName.size());
    line.remove_prefix(std::min(line.find_first_of("0123456789/"), line.size()));
    const char* end = line.data() + line.size();
    std::from_chars(line.data(), end, range_begin);
    const size_t slash = line.find('/');
    if (slash != std::string_view::npos) std::from_chars(line.data() + slash + 1, end, total);
  }

  bool says_its_length() const {
    curl_off_t length = -1;
    curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    return length >= 0;
  }

  bool wants_to_stop() {
    if (options.stop && options.stop()) stopped = true;
    return stopped;
  }
};

size_t on_content(char* data, size_t size, size_t count, void* transfer) {
  const size_t bytes = size * count;
  return static_cast<Transfer*>(transfer)->take({data, bytes}) ? bytes : 0;
}

size_t on_header(char* data, size_t size, size_t count, void* transfer) {
  static_cast<Transfer*>(transfer)->take_header({data, size * count});
  return size * count;
}

int on_progress(void* context, curl_off_t of_this, curl_off_t, curl_off_t, curl_off_t) {
  auto& t = *static_cast<Transfer*>(context);
  if (t.wants_to_stop()) return 1;
  if (t.options.progress && t.begun) {
    const int64_t said = t.total > 0 ? t.total : of_this;
    t.options.progress(t.part.size(), t.options.expected_bytes > 0 ? t.options.expected_bytes : said);
  }
  return 0;
}

void start_curl_once() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  require(started == CURLE_OK, "libcurl does not start: {}", curl_easy_strerror(started));
}

bool is_http(std::string_view url) { return url.starts_with("http://") || url.starts_with("https://"); }

void limit_protocols(CURL* curl, bool encrypted) {
  const char* after = encrypted ? "https" : "http,https";  // a redirection must not take the encryption away
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, after);
#else
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, static_cast<long>(encrypted ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

struct Outcome {
  CURLcode result;
  std::string reason;
};

Outcome perform(const std::string& url, Transfer& transfer) {
  CURL* curl = transfer.curl;
  std::array<char, CURL_ERROR_SIZE> reason = {};
  const std::string agent = fmt::format("convscope/{}", version()), range = fmt::format("{}-", transfer.asked_from);
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  limit_protocols(curl, url.starts_with("https://"));
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kRedirects);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(transfer.options.stall_seconds));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, agent.c_str());
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason.data());
  if (transfer.asked_from > 0) curl_easy_setopt(curl, CURLOPT_RANGE, range.c_str());  // CURLOPT_RESUME_FROM would refuse a server without
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_content);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  const CURLcode result = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  return {result, reason[0] ? reason.data() : curl_easy_strerror(result)};
}

/** Asks for what is missing until the part is whole; false where it was stopped. */
bool fetch(const std::string& url, Part& part, const DownloadOptions& options) {
  start_curl_once();
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  require(curl != nullptr, "{}: cannot fetch: out of memory", url);
  for (int again = 0;; ++again) {
    Transfer transfer{.curl = curl.get(), .part = part, .options = options, .asked_from = part.size()};
    const Outcome outcome = perform(url, transfer);
    if (transfer.stopped) return false;
    require(transfer.system_error == 0, "{}: cannot write: {}; run again to go on from there", part.path().string(),
            std::strerror(transfer.system_error));
    if (transfer.too_long) {
      part.remove();
      fail("{}: sends more than the {} bytes that were wanted; is it another file?", url, options.expected_bytes);
    }
    const long code = transfer.code();
    const bool wrong_range = code == kPartial && transfer.range_begin != transfer.asked_from;
    if (transfer.asked_from > 0 && (code == kRangeNotSatisfiable || wrong_range)) {
      const bool whole_already = code == kRangeNotSatisfiable && transfer.total == transfer.asked_from && options.expected_bytes <= 0;
      if (whole_already) return true;
      require(again == 0, "{}: answers a request for the bytes from {} on with others", url, transfer.asked_from);
      if (const int why = part.empty(); why != 0) fail("{}: cannot write: {}", part.path().string(), std::strerror(why));
      continue;
    }
    if (outcome.result == CURLE_OK || outcome.result == CURLE_WRITE_ERROR)
      require(code == kOk || code == kPartial, "{}: the server answers {}; is the address right?", url, code);
    if (outcome.result != CURLE_OK && (transfer.begun || transfer.asked_from > 0))
      fail("{}: broke off after {} bytes ({}); run again to go on from there", url, part.size(), outcome.reason);
    require(outcome.result == CURLE_OK, "{}: cannot fetch: {}; is the address right, and the network there?", url, outcome.reason);
    if (const int64_t wanted = options.expected_bytes; wanted > 0 && part.size() != wanted) {
      // A server that said how long its file is has sent it all; without that, an end and a broken connection look alike.
      const int64_t came = part.size();
      require(transfer.says_its_length(), "{}: broke off after {} of {} bytes; run again to go on from there", url, came, wanted);
      part.remove();
      fail("{}: is {} bytes long, {} were wanted; is it another file?", url, came, wanted);
    }
    return true;
  }
}

}  // namespace

DownloadEnd download(const std::string& url, const Path& path, const DownloadOptions& options) {
  require(is_http(url), "{}: cannot fetch; an address that begins with http:// or https:// was wanted", url);
  if (path.has_parent_path()) make_folder(path.parent_path());
  Part part(path.string() + ".part");
  const bool too_much = options.expected_bytes > 0 && part.size() > options.expected_bytes;
  if (too_much) part.empty();
  const bool whole = options.expected_bytes > 0 && part.size() == options.expected_bytes;
  if (!whole && !fetch(url, part, options)) return DownloadEnd::stopped;

  if (!options.md5.empty()) {
    const std::string sum = md5_of_file(part.path());
    if (sum != options.md5) {
      part.remove();
      fail("{}: MD5 of what came is {}, {} was wanted; it was removed; run again to fetch it from the start", url, sum, options.md5);
    }
  }
  part.finish(path);
  return DownloadEnd::done;
}

}  // namespace convscope

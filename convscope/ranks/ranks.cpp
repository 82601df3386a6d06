#include "convscope/ranks/ranks.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "convscope/base/error.h"
#include "convscope/base/timer.h"

namespace convscope {

namespace {

constexpr int kExchange = 1, kText = 2;  // tags

std::string host() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "a machine without a name";
}

}  // namespace

void Ranks::start_send(int to, int tag, std::span<const char> bytes, std::vector<std::unique_ptr<Transfer>>& all) {
  for (size_t at = 0; at < bytes.size(); at += Wire::kMostBytes)
    all.push_back(wire_->send(to, tag, bytes.subspan(at, std::min(Wire::kMostBytes, bytes.size() - at))));
}

void Ranks::start_receive(int from, int tag, std::span<char> room, std::vector<std::unique_ptr<Transfer>>& all) {
  for (size_t at = 0; at < room.size(); at += Wire::kMostBytes)
    all.push_back(wire_->receive(from, tag, room.subspan(at, std::min(Wire::kMostBytes, room.size() - at))));
}

/** Longer and longer, the longer nothing comes: who waits for a gradient is back at once, who waits for minutes leaves the core alone. */
void Ranks::pause_after(double seconds) {
  if (seconds < 200e-6) return std::this_thread::yield();
  const int microseconds = seconds < 0.02 ? 50 : seconds < 0.2 ? 200 : seconds < 5 ? 500 : 5000;
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
}

void Ranks::wait(std::vector<std::unique_ptr<Transfer>> all) {
  const Timer timer;
  for (;;) {
    std::erase_if(all, [](const std::unique_ptr<Transfer>& transfer) { return transfer->done(); });
    if (all.empty()) break;
    pause_after(timer.seconds());
  }
  seconds_ += timer.seconds();
}

void Ranks::exchange(std::span<const Outgoing> outgoing, std::span<const Incoming> incoming) {
  std::vector<std::unique_ptr<Transfer>> all;
  for (const Incoming& in : incoming) start_receive(in.from, kExchange, in.room, all);
  for (const Outgoing& out : outgoing) start_send(out.to, kExchange, out.bytes, all);
  wait(std::move(all));
}

void Ranks::send(int to, std::string_view text) {
  const uint64_t length = text.size();
  std::vector<std::unique_ptr<Transfer>> all;
  start_send(to, kText, bytes_of(std::span<const uint64_t>(&length, 1)), all);
  start_send(to, kText, text, all);
  wait(std::move(all));
}

std::string Ranks::receive(int from) {
  uint64_t length = 0;
  std::vector<std::unique_ptr<Transfer>> head, body;
  start_receive(from, kText, room_of(std::span<uint64_t>(&length, 1)), head);
  wait(std::move(head));
  std::string text(length, '\0');
  start_receive(from, kText, text, body);
  wait(std::move(body));
  return text;
}

/** Along a binomial tree: after each round twice as many have it. */
std::string Ranks::from_root(std::string_view text) {
  if (is_alone()) return std::string(text);
  int reach = 1;
  while (reach < size()) reach *= 2;
  std::string known(is_root() ? text : "");
  for (; reach > 1; reach /= 2) {
    const int half = reach / 2;
    if (rank() % reach == 0 && rank() + half < size()) send(rank() + half, known);
    if (rank() % reach == half) known = receive(rank() - half);
  }
  return known;
}

std::vector<std::string> Ranks::gather(std::string_view text) {
  if (!is_root()) {
    send(0, text);
    return {};
  }
  std::vector<std::string> all{std::string(text)};
  for (int from = 1; from < size(); ++from) all.push_back(receive(from));
  return all;
}

std::vector<std::string> Ranks::all_gather(std::string_view text) {
  const std::vector<std::string> all = gather(text);
  return unpacked(from_root(packed(all)));
}

void Ranks::abort(int status) {
  if (wire_) wire_->abort(status);
  std::_Exit(status);
}

/** Each with its length before it. */
std::string packed(std::span<const std::string> texts) {
  std::string all;
  for (const std::string& text : texts) {
    const uint64_t length = text.size();
    all.append(reinterpret_cast<const char*>(&length), sizeof length);
    all += text;
  }
  return all;
}

std::vector<std::string> unpacked(std::string_view all) {
  std::vector<std::string> texts;
  while (!all.empty()) {
    uint64_t length = 0;
    std::memcpy(&length, all.data(), sizeof length);
    all.remove_prefix(sizeof length);
    texts.emplace_back(all.substr(0, length));
    all.remove_prefix(length);
  }
  return texts;
}

std::shared_ptr<Ranks> alone() { return std::make_shared<Ranks>(); }

std::string name_of_rank(int rank) { return fmt::format("rank {} on {}", rank, host()); }

void require_alike(Ranks& ranks, std::span<const SharedFact> facts) {
  if (ranks.is_alone()) return;
  std::vector<std::string> mine{name_of_rank(ranks.rank())};
  for (const SharedFact& fact : facts) mine.push_back(fact.value);
  std::vector<std::vector<std::string>> all;
  for (const std::string& theirs : ranks.all_gather(packed(mine))) all.push_back(unpacked(theirs));
  for (const std::vector<std::string>& other : all) {
    require(other.size() == mine.size(), "{} was asked for something else than {}; the same command was wanted on all ranks", other.front(),
            all.front().front());
    for (size_t i = 0; i < facts.size(); ++i)
      require(other[i + 1] == all.front()[i + 1], "{}: {} is {}, that of {} is {}; the same was wanted on all ranks", other.front(),
              facts[i].what, other[i + 1], all.front().front(), all.front()[i + 1]);
  }
}

}  // namespace convscope

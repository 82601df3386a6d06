#pragma once

/**
 * The processes that share out one run, as mpirun starts them: `size` of them, numbered by `rank`. Goals: who is alone is a run of one
 * rank, and no code asks which; who waits long does not keep a core busy; everything is made of messages between two ranks, so that an MPI
 * is a few functions (ranks/module.h) and a test can do with threads. Not a goal: ranks that come or go while a run lasts.
 *
 * All ranks call the same functions in the same order. Lengths of messages are those of their texts, up to what memory holds.
 */

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/ranks/wire.h"

namespace convscope {

/** Numbers as a message carries them: all ranks are of one kind of machine. */
template <typename T>
std::span<const char> bytes_of(std::span<const T> numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()};
}
template <typename T>
std::span<char> room_of(std::span<T> numbers) {
  return {reinterpret_cast<char*>(numbers.data()), numbers.size_bytes()};
}

class Ranks {
 public:
  /** One rank, alone; `launched`: by a launcher that starts one. */
  explicit Ranks(bool launched = false) : launched_(launched) {}
  explicit Ranks(std::unique_ptr<Wire> wire) : wire_(std::move(wire)), launched_(true) {}
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  int rank() const { return wire_ ? wire_->rank() : 0; }
  int size() const { return wire_ ? wire_->size() : 1; }
  /** The one that writes and talks. */
  bool is_root() const { return rank() == 0; }
  bool is_alone() const { return size() == 1; }
  /** Whether a launcher started it. */
  bool launched() const { return launched_; }
  /** "Open MPI 4.1.4"; empty where nothing was loaded. */
  std::string library() const { return wire_ ? wire_->library() : ""; }

  struct Outgoing {
    int to;
    std::span<const char> bytes;
  };
  struct Incoming {
    int from;
    std::span<char> room;
  };
  /** All of them at once; the room is as long as what the other one sends, and of one pair of ranks they are in the same order. */
  void exchange(std::span<const Outgoing> outgoing, std::span<const Incoming> incoming);

  void send(int to, std::string_view text);
  std::string receive(int from);
  /** What the root says, on every rank. */
  std::string from_root(std::string_view text);
  /** What each rank says, by rank; on the root alone, elsewhere nothing. */
  std::vector<std::string> gather(std::string_view text);
  /** What each rank says, by rank, on every rank. */
  std::vector<std::string> all_gather(std::string_view text);
  /** Nobody leaves it before everybody has come. */
  void barrier() { (void)all_gather(""); }

  /** Ends all ranks at once: one of them cannot go on. */
  [[noreturn]] void abort(int status);

  /** Seconds that this rank has spent in messages, most of it waiting for others. */
  double seconds() const { return seconds_; }

 private:
  friend class Mailbox;
  void start_send(int to, int tag, std::span<const char> bytes, std::vector<std::unique_ptr<Transfer>>& all);
  void start_receive(int from, int tag, std::span<char> room, std::vector<std::unique_ptr<Transfer>>& all);
  void wait(std::vector<std::unique_ptr<Transfer>> all);
  /** Sleeps for as long as somebody should who has waited so long in vain. */
  static void pause_after(double seconds);

  std::unique_ptr<Wire> wire_;
  bool launched_;
  double seconds_ = 0;
};

/** Texts as one, and back. */
std::string packed(std::span<const std::string> texts);
std::vector<std::string> unpacked(std::string_view all);

/** A run of one rank, for who is started by nobody. */
std::shared_ptr<Ranks> alone();

/** "rank 2 on node7". */
std::string name_of_rank(int rank);

/** Something that has to be the same on all ranks. */
struct SharedFact {
  std::string what;  // "the version"
  std::string value;
};
/** An error on every rank, which names one that is unlike the root, where these are not the same; all ranks know as many. */
void require_alike(Ranks& ranks, std::span<const SharedFact> facts);

}  // namespace convscope

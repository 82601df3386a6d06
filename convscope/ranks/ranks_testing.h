#pragma once

#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/ranks/ranks.h"

namespace convscope {

/** Ranks that are threads of one process: what they do together can be tested where no MPI is. */
class ThreadRanks {
 public:
  /** What each rank does; the first error of any of them comes back, and the others are ended where they wait for it. */
  static void run(int size, const std::function<void(Ranks&)>& body) {
    run_shared(size, [&](const std::shared_ptr<Ranks>& ranks) { body(*ranks); });
  }
  static void run_shared(int size, const std::function<void(const std::shared_ptr<Ranks>&)>& body) {
    const auto post = std::make_shared<Post>();
    std::vector<std::thread> threads;
    for (int rank = 0; rank < size; ++rank)
      threads.emplace_back([&, rank] {
        try {
          body(std::make_shared<Ranks>(std::make_unique<ThreadWire>(post, rank, size)));
        } catch (...) {
          const std::lock_guard lock(post->mutex);
          if (!post->error) post->error = std::current_exception();
        }
      });
    for (std::thread& thread : threads) thread.join();
    if (post->error) std::rethrow_exception(post->error);
  }

 private:
  using Key = std::tuple<int, int, int>;  // from, to, tag
  struct Channel {
    std::map<size_t, std::string> messages;  // by their number
    size_t sent = 0, asked = 0;
  };
  struct Post {
    std::mutex mutex;
    std::map<Key, Channel> channels;
    std::exception_ptr error;
  };

  class Sent : public Transfer {
   public:
    bool done() override { return true; }
  };
  class Awaited : public Transfer {
   public:
    Awaited(std::shared_ptr<Post> post, Channel& channel, size_t number, std::span<char> room)
        : post_(std::move(post)), channel_(channel), number_(number), room_(room) {}
    bool done() override {
      const std::lock_guard lock(post_->mutex);
      const auto it = channel_.messages.find(number_);
      if (it == channel_.messages.end()) {
        if (post_->error) fail("another rank has failed");
        return false;
      }
      if (it->second.size() != room_.size()) fail("a message of {} bytes, room for {}", it->second.size(), room_.size());
      std::memcpy(room_.data(), it->second.data(), room_.size());
      channel_.messages.erase(it);
      return true;
    }

   private:
    std::shared_ptr<Post> post_;
    Channel& channel_;
    size_t number_;
    std::span<char> room_;
  };

  class ThreadWire : public Wire {
   public:
    ThreadWire(std::shared_ptr<Post> post, int rank, int size) : post_(std::move(post)), rank_(rank), size_(size) {}
    int rank() const override { return rank_; }
    int size() const override { return size_; }
    std::string library() const override { return "threads"; }
    std::unique_ptr<Transfer> send(int to, int tag, std::span<const char> bytes) override {
      const std::lock_guard lock(post_->mutex);
      Channel& channel = post_->channels[{rank_, to, tag}];
      channel.messages[channel.sent++] = std::string(bytes.begin(), bytes.end());
      return std::make_unique<Sent>();
    }
    std::unique_ptr<Transfer> receive(int from, int tag, std::span<char> room) override {
      const std::lock_guard lock(post_->mutex);
      Channel& channel = post_->channels[{from, rank_, tag}];
      return std::make_unique<Awaited>(post_, channel, channel.asked++, room);
    }
    void abort(int) override { std::terminate(); }

   private:
    std::shared_ptr<Post> post_;
    int rank_, size_;
  };
};

}  // namespace convscope

#pragma once

/**
 * What a program is made of once its graph is lowered: buffers with places, and steps in order. Memory is planned over the whole plan;
 * binding it to a Frame (a piece of memory) gives actions that only run.
 */

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "convscope/graph/op.h"

namespace convscope::plan {

enum class Place {
  arena,       // lives from its first to its last step; each frame has its own
  prepared,    // made from weights alone, when they change; shared by the frames
  persistent,  // of a frame, never reused: inputs and outputs
  weights,     // in the weight store
  gradients,   // of the trained parameters, arranged like the store
};
inline constexpr size_t kPlaces = 5;

struct Buffer {
  std::string name;
  size_t bytes = 0;
  Place place = Place::arena;
  size_t offset = 0;
  // By steps of the plan; set by `Plan::plan_memory`.
  int first = -1, last = -1;
  int shares = -1;  // lies where that buffer lies
};

/** Where the places of one running copy of the plan begin. */
struct Frame {
  std::byte* base[kPlaces] = {};
};

using Action = std::function<void(const RunContext&)>;

struct Step {
  std::string name;
  std::vector<int> reads, writes;
  /** (written, read): the written buffer may take the read one's memory when nobody reads that later. */
  std::vector<std::pair<int, int>> in_place;
  /** Given where each of its buffers lies; called once for each frame. */
  std::function<Action(const std::function<void*(int)>& at)> bind;
};

/** Behind a step the numbers of two buffers are put together with those of other parts of the batch, before the next one reads them. */
struct Meeting {
  std::string name;
  int first, second;
  int64_t numbers;  // floats of each
  bool slopes;      // else statistics
};

class Plan {
 public:
  int buffer(std::string name, size_t bytes, Place place, size_t offset = 0);
  const Buffer& operator[](int b) const { return buffers_[static_cast<size_t>(b)]; }

  /** Appends; a step that reads nothing but weights and prepared buffers is run only when the weights change. */
  void step(Step step);
  bool steady(int buffer) const;
  /** Behind the last step. */
  void meet(const Meeting& meeting) { meetings_.emplace_back(body_.size(), meeting); }

  /** Gives every buffer its offset. */
  void plan_memory();
  size_t bytes(Place place) const { return bytes_[static_cast<size_t>(place)]; }

  struct BoundMeeting {
    std::string name;
    size_t steps;  // of `body` that come before it
    std::span<float> first, second;
    bool slopes;
  };
  struct Bound {
    std::vector<std::pair<std::string, Action>> prepare, body;
    std::vector<BoundMeeting> meetings;
  };
  Bound bind(const Frame& frame) const;

 private:
  std::vector<Buffer> buffers_;
  std::vector<Step> prepare_, body_;
  std::vector<std::pair<size_t, Meeting>> meetings_;  // behind so many steps of `body_`
  size_t bytes_[kPlaces] = {};
};

/** Zeroed memory in large pages where the system has them. */
class Memory {
 public:
  Memory() = default;
  explicit Memory(size_t bytes);
  ~Memory();
  Memory(Memory&& other) noexcept : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  std::byte* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace convscope::plan

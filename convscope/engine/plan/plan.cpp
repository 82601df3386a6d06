#include "convscope/engine/plan/plan.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

namespace convscope::plan {

namespace {
constexpr size_t kAlign = 64;
size_t aligned(size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }
}  // namespace

int Plan::buffer(std::string name, size_t bytes, Place place, size_t offset) {
  buffers_.push_back({std::move(name), bytes, place, offset, -1, -1, -1});
  return static_cast<int>(buffers_.size()) - 1;
}

bool Plan::steady(int b) const { return (*this)[b].place == Place::prepared || (*this)[b].place == Place::weights; }

void Plan::step(Step step) {
  // Scratch of a step is both read and written; it does not make the step depend on a run.
  const bool steady_reads = std::all_of(step.reads.begin(), step.reads.end(), [&](int b) {
    return steady(b) || std::find(step.writes.begin(), step.writes.end(), b) != step.writes.end();
  });
  if (!steady_reads || step.reads.empty()) {
    body_.push_back(std::move(step));
    return;
  }
  for (const int b : step.writes)
    if ((*this)[b].place == Place::arena) buffers_[static_cast<size_t>(b)].place = Place::prepared;
  prepare_.push_back(std::move(step));
}

void Plan::plan_memory() {
  const auto root = [&](int b) {
    while (buffers_[static_cast<size_t>(b)].shares >= 0) b = buffers_[static_cast<size_t>(b)].shares;
    return b;
  };
  for (int s = 0; s < static_cast<int>(body_.size()); ++s) {
    for (const auto* list : {&body_[static_cast<size_t>(s)].writes, &body_[static_cast<size_t>(s)].reads}) {
      for (const int b : *list) {
        Buffer& buffer = buffers_[static_cast<size_t>(b)];
        if (buffer.first < 0) buffer.first = s;
        buffer.last = s;
      }
    }
  }
  for (int s = 0; s < static_cast<int>(body_.size()); ++s) {
    std::vector<int> taken;
    for (const auto& [out, in] : body_[static_cast<size_t>(s)].in_place) {
      Buffer& written = buffers_[static_cast<size_t>(out)];
      const int old = root(in);
      Buffer& read = buffers_[static_cast<size_t>(old)];
      const bool free = written.place == Place::arena && read.place == Place::arena && written.shares < 0 && written.first == s &&
                        old != out && read.last == s && written.bytes <= read.bytes &&
                        std::find(taken.begin(), taken.end(), old) == taken.end();
      if (!free) continue;
      written.shares = old;
      read.last = written.last;
      taken.push_back(old);
    }
  }

  // Largest first, each at the lowest place that is free as long as it lives.
  std::vector<int> order(buffers_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return (*this)[a].bytes > (*this)[b].bytes; });
  std::vector<int> placed;  // by offset
  for (const int b : order) {
    Buffer& buffer = buffers_[static_cast<size_t>(b)];
    size_t& total = bytes_[static_cast<size_t>(buffer.place)];
    if (buffer.place == Place::weights || buffer.place == Place::gradients || buffer.shares >= 0) continue;
    if (buffer.place != Place::arena) {
      buffer.offset = total;
      total += aligned(buffer.bytes);
      continue;
    }
    if (buffer.first < 0) continue;
    size_t offset = 0;
    for (const int p : placed) {
      const Buffer& other = (*this)[p];
      if (other.last < buffer.first || buffer.last < other.first) continue;
      if (offset + aligned(buffer.bytes) <= other.offset) break;
      offset = std::max(offset, other.offset + aligned(other.bytes));
    }
    buffer.offset = offset;
    placed.insert(std::upper_bound(placed.begin(), placed.end(), b, [&](int x, int y) { return (*this)[x].offset < (*this)[y].offset; }),
                  b);
    total = std::max(total, offset + aligned(buffer.bytes));
  }
  for (Buffer& buffer : buffers_)
    if (buffer.shares >= 0) buffer.offset = (*this)[root(buffer.shares)].offset;
}

Plan::Bound Plan::bind(const Frame& frame) const {
  const auto at = [&](int b) -> void* { return frame.base[static_cast<size_t>((*this)[b].place)] + (*this)[b].offset; };
  Bound bound;
  for (const Step& s : prepare_) bound.prepare.emplace_back(s.name, s.bind(at));
  for (const Step& s : body_) bound.body.emplace_back(s.name, s.bind(at));
  for (const auto& [steps, m] : meetings_) {
    const auto numbers = [&, count = static_cast<size_t>(m.numbers)](int b) { return std::span(static_cast<float*>(at(b)), count); };
    bound.meetings.push_back({m.name, steps, numbers(m.first), numbers(m.second), m.slopes});
  }
  return bound;
}

Memory::Memory(size_t bytes) {
  if (bytes == 0) return;
  constexpr size_t kLargePage = size_t{1} << 21;
  bytes_ = (bytes + kLargePage - 1) / kLargePage * kLargePage;
  void* p = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  require(p != MAP_FAILED, "the program needs {} MB of memory: {}; a smaller batch needs less", bytes >> 20, std::strerror(errno));
  ::madvise(p, bytes_, MADV_HUGEPAGE);
  data_ = static_cast<std::byte*>(p);
}

Memory::~Memory() {
  if (data_) ::munmap(data_, bytes_);
}

}  // namespace convscope::plan

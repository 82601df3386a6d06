#include "convscope/train/shard_sum.h"

#include <algorithm>
#include <cassert>

#include "convscope/base/error.h"
#include "convscope/base/threads.h"

namespace convscope {

namespace {

/** left += right; a number's result depends on nothing beside it. */
void add_to(std::span<float> left, std::span<const float> right) {
  constexpr int64_t kNumbersAThread = 1 << 14;
  float* l = left.data();
  const float* r = right.data();
  parallel(std::ssize(left), kNumbersAThread, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) l[i] += r[i];
  });
}

}  // namespace

ShardOfBatch shard_of_batch(int64_t count, int64_t shard, int64_t shards) {
  const auto begin = [&](int64_t s) { return (count * s + shards - 1) / shards; };
  return {begin(shard), begin(shard + 1)};
}

ShardSum::ShardSum(int64_t shards, int64_t numbers, std::shared_ptr<Ranks> ranks)
    : shards_(shards), numbers_(static_cast<size_t>(numbers)), ranks_(std::move(ranks)), reports_(static_cast<size_t>(shards)) {
  require(shards_ % ranks_->size() == 0, "`shards` {}: {} ranks cannot have the same count of them each; {} or {} of them were wanted",
          shards_, ranks_->size(), std::max<int64_t>(1, shards_ / ranks_->size()) * ranks_->size(),
          (shards_ / ranks_->size() + 1) * ranks_->size());
}

std::vector<float> ShardSum::room() {
  if (free_.empty()) return std::vector<float>(numbers_);
  std::vector<float> room = std::move(free_.back());
  free_.pop_back();
  return room;
}

std::span<float> ShardSum::next() {
  if (added_ == 0) std::fill(reports_.begin(), reports_.end(), Report{});
  if (next_.empty()) next_ = room();
  return next_;
}

void ShardSum::add(const Report& report) {
  const int64_t shard = first() + added_++;
  assert(shard < last());
  reports_[static_cast<size_t>(shard)] = report;
  Part part{{0, shard}, std::move(next_)};
  next_.clear();
  while (!parts_.empty() && join(parts_.back().node, part.node)) {
    add_to(parts_.back().numbers, part.numbers);
    free_.push_back(std::move(part.numbers));
    part = {{part.node.level + 1, part.node.index / 2}, std::move(parts_.back().numbers)};
    parts_.pop_back();
  }
  parts_.push_back(std::move(part));
}

std::vector<ShardSum::Node> ShardSum::nodes_of(int rank) const {
  std::vector<Node> nodes;
  for (int64_t shard = of(rank).first; shard < of(rank).last; ++shard) {
    Node node{0, shard};
    for (; !nodes.empty() && join(nodes.back(), node); nodes.pop_back()) node = {node.level + 1, node.index / 2};
    nodes.push_back(node);
  }
  return nodes;
}

size_t ShardSum::slice(int rank) const {
  constexpr size_t kLine = 16;  // numbers
  const size_t lines = (numbers_ + kLine - 1) / kLine;
  return std::min(numbers_, lines * static_cast<size_t>(rank) / static_cast<size_t>(ranks_->size()) * kLine);
}

std::span<float> ShardSum::total() {
  assert(added_ == last() - first());
  total_.resize(numbers_);
  if (ranks_->is_alone()) {
    for (; parts_.size() > 1; parts_.pop_back()) {
      add_to(parts_[parts_.size() - 2].numbers, parts_.back().numbers);
      free_.push_back(std::move(parts_.back().numbers));
    }
    total_.swap(parts_.front().numbers);
  } else {
    exchange();
  }
  for (Part& part : parts_) free_.push_back(std::move(part.numbers));
  parts_.clear();
  added_ = 0;
  return total_;
}

void ShardSum::exchange() {
  const int size = ranks_->size(), me = ranks_->rank();
  const size_t begin = slice(me), length = slice(me + 1) - begin;
  struct Slice {
    Node node;
    std::span<float> numbers;
  };
  std::vector<std::vector<Slice>> slices(static_cast<size_t>(size));  // of mine, by whose sums they are
  size_t used = 0;
  std::vector<Ranks::Outgoing> out;
  std::vector<Ranks::Incoming> in;
  const std::span<Report> all(reports_);
  const auto reports_of = [&](int rank) {
    const ShardsOfRank theirs = of(rank);
    return all.subspan(static_cast<size_t>(theirs.first), static_cast<size_t>(theirs.last - theirs.first));
  };
  for (int other = 0; other < size; ++other) {
    auto& theirs = slices[static_cast<size_t>(other)];
    if (other == me) {
      for (Part& part : parts_) theirs.push_back({part.node, std::span(part.numbers).subspan(begin, length)});
      continue;
    }
    in.push_back({other, room_of(reports_of(other))});
    out.push_back({other, bytes_of(std::span<const Report>(reports_of(me)))});
    for (const Node& node : nodes_of(other)) {
      if (used == slices_.size()) slices_.emplace_back(length);
      theirs.push_back({node, std::span(slices_[used++])});
      in.push_back({other, room_of(theirs.back().numbers)});
    }
    const size_t from = slice(other);
    for (const Part& part : parts_)
      out.push_back({other, bytes_of(std::span<const float>(part.numbers).subspan(from, slice(other + 1) - from))});
  }
  ranks_->exchange(out, in);

  std::vector<Slice> sum;
  for (const auto& theirs : slices)
    for (const Slice& added : theirs) {
      Slice now = added;
      for (; !sum.empty() && join(sum.back().node, now.node); sum.pop_back()) {
        add_to(sum.back().numbers, now.numbers);
        now = {{now.node.level + 1, now.node.index / 2}, sum.back().numbers};
      }
      sum.push_back(now);
    }
  for (; sum.size() > 1; sum.pop_back()) add_to(sum[sum.size() - 2].numbers, sum.back().numbers);
  std::copy(sum.front().numbers.begin(), sum.front().numbers.end(), total_.begin() + static_cast<std::ptrdiff_t>(begin));

  out.clear();
  in.clear();
  for (int other = 0; other < size; ++other) {
    if (other == me) continue;
    const size_t from = slice(other);
    out.push_back({other, bytes_of(std::span<const float>(total_).subspan(begin, length))});
    in.push_back({other, room_of(std::span(total_).subspan(from, slice(other + 1) - from))});
  }
  ranks_->exchange(out, in);
}

}  // namespace convscope

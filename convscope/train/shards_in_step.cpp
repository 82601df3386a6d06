#include "convscope/train/shards_in_step.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/train/shard_sum.h"

namespace convscope {

namespace {

/** The shards that have images, as they lie in the table of what all of them have: a row each, those of a rank one below the other. */
class Rows {
 public:
  Rows(const Ranks& ranks, const BatchInShards& batch) : firsts_(static_cast<size_t>(ranks.size()) + 1) {
    for (int rank = 0; rank < ranks.size(); ++rank) {
      firsts_[static_cast<size_t>(rank)] = std::ssize(shares_);
      const ShardsOfRank theirs = shards_of_rank(batch.shards, rank, ranks.size());
      for (int64_t shard = theirs.first; shard < theirs.last; ++shard)
        if (const int64_t count = shard_of_batch(batch.images, shard, batch.shards).count(); count > 0) {
          shares_.push_back(static_cast<double>(count) / static_cast<double>(batch.images));
          shards_.push_back(shard);
        }
    }
    firsts_.back() = std::ssize(shares_);
  }
  int64_t first(int rank) const { return firsts_[static_cast<size_t>(rank)]; }
  int64_t count(int rank) const { return first(rank + 1) - first(rank); }
  /** Of the batch's images, by row. */
  const std::vector<double>& shares() const { return shares_; }
  int64_t shard(size_t row) const { return shards_[row]; }

 private:
  std::vector<int64_t> firsts_, shards_;
  std::vector<double> shares_;
};

/** Each row's numbers are with all ranks that have any. */
void tell_all(Ranks& ranks, const Rows& rows, std::span<float> table, int64_t width) {
  const auto of = [&](int rank) {
    return table.subspan(static_cast<size_t>(rows.first(rank) * width), static_cast<size_t>(rows.count(rank) * width));
  };
  std::vector<Ranks::Outgoing> out;
  std::vector<Ranks::Incoming> in;
  for (int other = 0; other < ranks.size(); ++other) {
    if (other == ranks.rank() || rows.count(other) == 0) continue;
    out.push_back({other, bytes_of(std::span<const float>(of(ranks.rank())))});
    in.push_back({other, room_of(of(other))});
  }
  ranks.exchange(out, in);
}

/** Mean and variance of the batch from those of its shards. */
void unite_statistics(std::span<const double> shares, std::span<const float> table, std::span<float> mean, std::span<float> variance) {
  const size_t channels = mean.size();
  for (size_t c = 0; c < channels; ++c) {
    double centre = 0, spread = 0;
    for (size_t row = 0; row < shares.size(); ++row) centre += shares[row] * table[2 * row * channels + c];
    for (size_t row = 0; row < shares.size(); ++row) {
      const double off = table[2 * row * channels + c] - centre;
      spread += shares[row] * (table[(2 * row + 1) * channels + c] + off * off);
    }
    mean[c] = static_cast<float>(centre);
    variance[c] = static_cast<float>(spread);
  }
}

/** What shard `mine` takes for the slopes of all. */
void unite_slopes(std::span<const double> shares, size_t mine, bool sums, std::span<const float> table, std::span<float> slopes,
                  size_t offset, size_t width) {
  for (size_t c = 0; c < slopes.size(); ++c) {
    double all = 0;
    for (size_t row = 0; row < shares.size(); ++row) all += (sums ? 1 : shares[row]) * table[row * width + offset + c];
    slopes[c] = static_cast<float>(sums ? shares[mine] * all : all);
  }
}

}  // namespace

std::optional<int64_t> run_in_step(Ranks& ranks, const BatchInShards& batch, std::span<const ShardInStep> mine) {
  std::optional<int64_t> faulty;
  if (mine.empty()) return faulty;
  const Rows rows(ranks, batch);
  const int64_t first = rows.first(ranks.rank());
  assert(rows.count(ranks.rank()) == std::ssize(mine));
  std::vector<float> table;
  for (;;) {
    std::vector<PartNumbers> parts;
    for (const ShardInStep& s : mine)
      if (const std::optional<PartNumbers> part = s.program->advance(s.context)) parts.push_back(*part);
    if (parts.empty()) return faulty;
    assert(parts.size() == mine.size());

    const size_t channels = parts[0].first.size(), width = 2 * channels;
    table.resize(rows.shares().size() * width);
    for (size_t i = 0; i < parts.size(); ++i) {
      float* row = table.data() + (static_cast<size_t>(first) + i) * width;
      std::copy(parts[i].first.begin(), parts[i].first.end(), row);
      std::copy(parts[i].second.begin(), parts[i].second.end(), row + channels);
    }
    tell_all(ranks, rows, table, static_cast<int64_t>(width));
    for (size_t row = 0; row < rows.shares().size() && parts[0].kind == PartNumbers::Kind::statistics && !faulty; ++row)
      if (!all_finite(std::span<const float>(table).subspan(row * width, width))) faulty = rows.shard(row);
    for (size_t i = 0; i < parts.size(); ++i) {
      const PartNumbers& part = parts[i];
      if (part.kind == PartNumbers::Kind::statistics) {
        unite_statistics(rows.shares(), table, part.first, part.second);
      } else {
        unite_slopes(rows.shares(), static_cast<size_t>(first) + i, batch.sums, table, part.first, 0, width);
        unite_slopes(rows.shares(), static_cast<size_t>(first) + i, batch.sums, table, part.second, channels, width);
      }
    }
  }
}

void require_alike_meetings(Ranks& ranks, std::span<const ShardMeetings> mine) {
  // The root always has a shard with images; others may have none.
  const std::vector<std::string> wanted = unpacked(ranks.from_root(packed(mine.empty() ? std::vector<std::string>() : mine.front().names)));
  for (const auto& [shard, names] : mine) {
    const auto [here, there] = std::mismatch(names.begin(), names.end(), wanted.begin(), wanted.end());
    require(names == wanted,
            "`sync_bn`: shard {} comes to {} where shard 0 comes to {}; all of a batch have to go through the same batch norms", shard,
            here == names.end() ? "the end" : "'" + *here + "'", there == wanted.end() ? "the end" : "'" + *there + "'");
  }
}

}  // namespace convscope

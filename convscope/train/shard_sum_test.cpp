#include "convscope/train/shard_sum.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/ranks/ranks_testing.h"

namespace convscope {
namespace {

/** Numbers of very different sizes, so that every order of adding them gives other bits. */
float number_of(int64_t shard, int64_t i, uint64_t round) {
  const RandomStream random(7 + round, "shards");
  return random.normal(static_cast<uint64_t>(i), static_cast<uint64_t>(shard)) *
         std::pow(10.0f, 6 * random.uniform(static_cast<uint64_t>(i), static_cast<uint64_t>(shard + 100)));
}

constexpr int64_t kNumbers = 1003;

std::vector<float> sum_by(int ranks, int64_t shards, uint64_t round_count = 2) {
  std::vector<std::vector<float>> found(static_cast<size_t>(ranks));
  ThreadRanks::run_shared(ranks, [&](const std::shared_ptr<Ranks>& r) {
    ShardSum sum(shards, kNumbers, r);
    for (uint64_t round = 0; round < round_count; ++round) {
      for (int64_t shard = sum.first(); shard < sum.last(); ++shard) {
        const std::span<float> numbers = sum.next();
        for (int64_t i = 0; i < kNumbers; ++i) numbers[static_cast<size_t>(i)] = number_of(shard, i, round);
        sum.add({.loss = 0.5 * static_cast<double>(shard), .correct = shard, .stop = shard == 3});
      }
      const std::span<float> total = sum.total();
      found[static_cast<size_t>(r->rank())].assign(total.begin(), total.end());
      ASSERT_EQ(std::ssize(sum.reports()), shards);
      for (int64_t shard = 0; shard < shards; ++shard) {
        const ShardSum::Report& report = sum.reports()[static_cast<size_t>(shard)];
        EXPECT_EQ(report.loss, 0.5 * static_cast<double>(shard));
        EXPECT_EQ(report.correct, shard);
        EXPECT_EQ(report.stop, shard == 3);
      }
    }
  });
  for (const std::vector<float>& other : found) EXPECT_EQ(other, found.front()) << "ranks have other sums";
  return found.front();
}

/** As its picture shows it, for a number of a tree over [first, last). */
float by_the_tree(int64_t i, int64_t shards, uint64_t round) {
  std::vector<std::vector<float>> level(1);
  for (int64_t s = 0; s < shards; ++s) level[0].push_back(number_of(s, i, round));
  // A node without a partner goes up as it is.
  std::vector<float> now = level[0];
  while (now.size() > 1) {
    std::vector<float> above;
    for (size_t n = 0; n < now.size(); n += 2) above.push_back(n + 1 < now.size() ? now[n] + now[n + 1] : now[n]);
    now = above;
  }
  return now[0];
}

TEST(ShardSum, IsThatOfTheTree) {
  for (const int64_t shards : {1, 2, 3, 4, 5, 6, 7, 8, 12}) {
    const std::vector<float> sum = sum_by(1, shards);
    for (int64_t i = 0; i < kNumbers; ++i) ASSERT_EQ(sum[static_cast<size_t>(i)], by_the_tree(i, shards, 1)) << shards << " shards";
  }
}

TEST(ShardSum, IsTheSameBitsForAnyCountOfRanks) {
  for (const auto& [shards, ranks] : {std::pair{8, 2}, {8, 4}, {8, 8}, {6, 2}, {6, 3}, {12, 4}, {12, 3}, {7, 7}, {16, 4}, {10, 5}})
    EXPECT_EQ(sum_by(ranks, shards), sum_by(1, shards)) << shards << " shards of " << ranks << " ranks";
}

TEST(ShardSum, AnotherOrderWouldGiveOtherBits) {
  const std::vector<float> sum = sum_by(1, 8);
  int64_t unlike = 0;
  for (int64_t i = 0; i < kNumbers; ++i) {
    float in_a_row = 0;
    for (int64_t s = 0; s < 8; ++s) in_a_row += number_of(s, i, 1);
    unlike += in_a_row != sum[static_cast<size_t>(i)];
  }
  EXPECT_GT(unlike, 100);  // else the test above would show nothing
}

TEST(ShardSum, OfFewNumbersServesManyRanks) {
  ThreadRanks::run_shared(4, [&](const std::shared_ptr<Ranks>& r) {
    ShardSum sum(4, 5, r);
    const std::span<float> numbers = sum.next();
    std::fill(numbers.begin(), numbers.end(), static_cast<float>(r->rank()));
    sum.add({});
    for (const float total : sum.total()) EXPECT_EQ(total, 6);
  });
}

TEST(ShardSum, WantsAsManyShardsForEachRank) {
  EXPECT_THROW_SAYING(ThreadRanks::run_shared(3, [](const std::shared_ptr<Ranks>& r) { ShardSum(8, 1, r); }),
                      "`shards` 8: 3 ranks cannot have the same count of them each; 6 or 9");
}

TEST(ShardsOfABatch, HaveEachImageOnceAndTheFirstHasSome) {
  for (const int64_t count : {1, 2, 7, 8, 9, 100})
    for (const int64_t shards : {1, 2, 3, 8}) {
      int64_t next = 0;
      for (int64_t s = 0; s < shards; ++s) {
        const ShardOfBatch part = shard_of_batch(count, s, shards);
        EXPECT_EQ(part.first, next);
        EXPECT_LE(part.count(), (count + shards - 1) / shards);
        EXPECT_GE(part.count(), count / shards);
        next = part.last;
      }
      EXPECT_EQ(next, count);
      EXPECT_EQ(shard_of_batch(count, 0, shards).count(), (count + shards - 1) / shards);
    }
}

}  // namespace
}  // namespace convscope

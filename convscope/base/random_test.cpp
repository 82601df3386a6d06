#include "convscope/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace convscope {
namespace {

constexpr int kMany = 100'000;
constexpr double kFiveSigma = 5;  // fixed seeds: a law that fails, fails always

/** The inverse of an odd number modulo 2^64, by Newton. */
uint64_t inverse(uint64_t odd) {
  uint64_t x = odd;
  for (int i = 0; i < 6; ++i) x *= 2 - odd * x;
  return x;
}

uint64_t undo_shift(uint64_t z, int by) {
  uint64_t x = z;
  for (int i = 0; i < 64 / by + 1; ++i) x = z ^ (x >> by);
  return x;
}

/** SplitMix64's finaliser backwards. */
uint64_t unmix(uint64_t z) {
  z = undo_shift(z, 31) * inverse(0x94d049bb133111ebull);
  z = undo_shift(z, 27) * inverse(0xbf58476d1ce4e5b9ull);
  return undo_shift(z, 30);
}

/** The stream without a name whose Philox key is `key`: its seed is the key derivation read backwards. */
RandomStream with_key(uint64_t key) {
  const uint64_t hash_of_no_name = 0xcbf29ce484222325ull;
  return RandomStream(unmix(unmix(key) - hash_of_no_name) - 0x9e3779b97f4a7c15ull, "");
}

std::array<uint32_t, 4> words(const RandomStream& stream, uint64_t index, uint64_t part) {
  const auto b = stream.block(index, part);
  return {b[0], b[1], b[2], b[3]};
}

// From Random123, examples/kat_vectors, philox4x32 10.
TEST(Philox, GivesTheKnownAnswers) {
  using Words = std::array<uint32_t, 4>;
  EXPECT_EQ(words(with_key(0), 0, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(words(with_key(~0ull), ~0ull, ~0ull), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(words(with_key(0x299f31d0a4093822ull), 0x85a308d3243f6a88ull, 0x0370734413198a2eull),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, ANumberDependsOnItsIndexAloneNotOnTheOrderOfAsking) {
  const RandomStream a(7, "weights"), b(7, "weights");
  std::vector<uint32_t> forwards, backwards;
  for (uint64_t i = 0; i < 1000; ++i) forwards.push_back(a.bits(i, 3));
  for (uint64_t i = 1000; i-- > 0;) backwards.push_back(b.bits(i, 3));
  std::reverse(backwards.begin(), backwards.end());
  EXPECT_EQ(forwards, backwards);
}

TEST(RandomStream, ABlockIsFourNumbersOfTheStream) {
  const RandomStream r(7, "weights");
  for (uint64_t i = 0; i < 100; ++i)
    for (uint64_t j = 0; j < 4; ++j) EXPECT_EQ(r.block(i, 9)[j], r.bits(4 * i + j, 9));
}

TEST(RandomStream, SeedsNamesAndPartsGiveStreamsThatShareNothing) {
  std::set<uint64_t> seen;
  size_t streams = 0;
  for (const uint64_t seed : {0ull, 1ull, 2ull, 1ull << 32, ~0ull})
    for (const std::string name : {"", "a", "b", "ab", "ba", "augment", "augment "})
      for (const uint64_t part : {0ull, 1ull, 1ull << 32, ~0ull}) {
        const RandomStream r(seed, name);
        seen.insert(uint64_t{r.bits(0, part)} << 32 | r.bits(1, part));
        ++streams;
      }
  EXPECT_EQ(seen.size(), streams);
}

TEST(RandomStream, NeighbouringStreamsAreNotCorrelated) {
  const std::vector<RandomStream> streams{{1, "a"}, {2, "a"}, {1, "b"}};
  for (size_t i = 0; i < streams.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      double sum = 0;
      for (uint64_t k = 0; k < kMany; ++k) sum += (streams[i].uniform(k) - 0.5) * (streams[j].uniform(k) - 0.5);
      EXPECT_LT(std::abs(sum / kMany), kFiveSigma / 12 / std::sqrt(kMany));  // each factor has variance 1/12
    }
}

TEST(RandomStream, UniformNumbersFillTheUnitIntervalEvenly) {
  const RandomStream r(1, "uniform");
  constexpr int kBins = 64;
  std::array<int, kBins> count{};
  for (uint64_t i = 0; i < kMany; ++i) {
    const float u = r.uniform(i);
    ASSERT_GE(u, 0.0f);
    ASSERT_LT(u, 1.0f);
    ++count[static_cast<size_t>(u * kBins)];
  }
  double chi2 = 0;
  const double expected = static_cast<double>(kMany) / kBins;
  for (const int c : count) chi2 += (c - expected) * (c - expected) / expected;
  EXPECT_LT(std::abs(chi2 - (kBins - 1)), kFiveSigma * std::sqrt(2.0 * (kBins - 1)));
}

TEST(RandomStream, EveryBitIsSetHalfOfTheTime) {
  const RandomStream r(1, "bits");
  for (int bit = 0; bit < 32; ++bit) {
    int set = 0;
    for (uint64_t i = 0; i < kMany; ++i) set += r.bits(i) >> bit & 1;
    EXPECT_LT(std::abs(set - kMany / 2), kFiveSigma * std::sqrt(kMany / 4.0)) << bit;
  }
}

TEST(RandomStream, NormalNumbersHaveTheMomentsOfANormalDistribution) {
  const RandomStream r(1, "normal");
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0, neighbours = 0;
  for (uint64_t i = 0; i < kMany; ++i) {
    const double x = r.normal(i);
    ASSERT_TRUE(std::isfinite(x));
    m1 += x, m2 += x * x, m3 += x * x * x, m4 += x * x * x * x;
    neighbours += x * r.normal(i + 1);
  }
  const double sigma = 1 / std::sqrt(kMany);  // of a mean over N numbers of variance 1
  EXPECT_LT(std::abs(m1 / kMany), kFiveSigma * sigma);
  EXPECT_LT(std::abs(m2 / kMany - 1), kFiveSigma * sigma * std::sqrt(2.0));   // Var x^2 = 2
  EXPECT_LT(std::abs(m3 / kMany), kFiveSigma * sigma * std::sqrt(15.0));      // Var x^3 = 15
  EXPECT_LT(std::abs(m4 / kMany - 3), kFiveSigma * sigma * std::sqrt(96.0));  // Var x^4 = 105 - 9
  EXPECT_LT(std::abs(neighbours / kMany), kFiveSigma * sigma);
}

TEST(RandomStream, BelowStaysBelowAndReachesEveryNumber) {
  const RandomStream r(1, "below");
  for (const uint64_t bound : {1ull, 2ull, 3ull, 10ull}) {
    std::vector<int> count(bound);
    for (uint64_t i = 0; i < kMany; ++i) {
      const uint64_t n = r.below(bound, i);
      ASSERT_LT(n, bound);
      ++count[n];
    }
    const double p = 1.0 / static_cast<double>(bound);
    for (const int c : count) EXPECT_LE(std::abs(c - kMany * p), kFiveSigma * std::sqrt(kMany * p * (1 - p))) << bound;
  }
}

TEST(RandomStream, BelowWorksForBoundsOfMoreThan32Bits) {
  const RandomStream r(1, "below");
  const uint64_t bound = 3ull << 62;
  int high = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    ASSERT_LT(r.below(bound, i), bound);
    high += r.below(bound, i) >= bound / 2;
  }
  EXPECT_NEAR(high, 500, kFiveSigma * std::sqrt(250.0));
}

TEST(Permutation, HoldsEveryNumberOnce) {
  const RandomStream r(1, "shuffle");
  for (const int64_t n : {0, 1, 2, 3, 1000}) {
    std::vector<int64_t> order = permutation(n, r, 5), sorted(static_cast<size_t>(n));
    std::iota(sorted.begin(), sorted.end(), 0);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, sorted) << n;
  }
}

TEST(Permutation, IsTheSameAgainAndAnotherForEachEpoch) {
  const RandomStream r(1, "shuffle");
  EXPECT_EQ(permutation(100, r, 1), permutation(100, RandomStream(1, "shuffle"), 1));
  EXPECT_NE(permutation(100, r, 1), permutation(100, r, 2));
  EXPECT_NE(permutation(100, r, 1), permutation(100, RandomStream(2, "shuffle"), 1));
}

TEST(Permutation, AllOrdersAreEquallyFrequent) {
  const RandomStream r(1, "shuffle");
  std::array<int, 27> count{};
  constexpr int kTimes = 24'000;
  for (uint64_t i = 0; i < kTimes; ++i) {
    const auto p = permutation(3, r, i);
    ++count[static_cast<size_t>(9 * p[0] + 3 * p[1] + p[2])];
  }
  int orders = 0;
  for (const int c : count) {
    if (c == 0) continue;
    ++orders;
    EXPECT_NEAR(c, kTimes / 6.0, kFiveSigma * std::sqrt(kTimes * 5 / 36.0));
  }
  EXPECT_EQ(orders, 6);
}

}  // namespace
}  // namespace convscope

#include "convscope/results/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/random.h"

namespace convscope {
namespace {

std::vector<double> noise(int64_t count, uint64_t seed) {
  std::vector<double> all;
  for (int64_t i = 0; i < count; ++i) all.push_back(RandomStream(seed, "values").normal(static_cast<uint64_t>(i)));
  return all;
}

TEST(Bootstrap, OfAMeanIsItsStandardError) {
  const std::vector<double> values = noise(400, 1);
  double mean = 0;
  for (const double v : values) mean += v / 400;
  const auto interval = bootstrap_interval_of_mean(values);
  EXPECT_NEAR(interval[0], mean - 1.96 / 20, 0.015);
  EXPECT_NEAR(interval[1], mean + 1.96 / 20, 0.015);
  EXPECT_EQ(bootstrap_interval_of_mean(values), interval) << "drawn by name, not by chance";
  EXPECT_TRUE(std::isnan(bootstrap_interval_of_mean(std::vector<double>{1})[0]));
}

TEST(RankCorrelation, LooksAtRanksAlone) {
  const std::vector<double> a{1, 2, 3, 4, 5}, steep{1, 8, 27, 64, 125}, down{9, 7, 5, 3, 1};
  EXPECT_DOUBLE_EQ(rank_correlation(a, steep), 1);
  EXPECT_DOUBLE_EQ(rank_correlation(a, down), -1);
  // scipy.stats.spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]) is 0.8207826816681233, with a tie.
  EXPECT_NEAR(rank_correlation(a, std::vector<double>{5, 6, 7, 8, 7}), 0.8207826816681233, 1e-12);
  EXPECT_TRUE(std::isnan(rank_correlation(a, std::vector<double>{1, 1, 1, 1, 1})));
  EXPECT_NEAR(rank_correlation(noise(2000, 1), noise(2000, 2)), 0, 0.06);
}

}  // namespace
}  // namespace convscope

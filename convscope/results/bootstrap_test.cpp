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

TEST(Bootstrap, OfWhatIsOftenInfiniteHasNoInterval) {
  // The share of ones is 0 in a third of the draws, and what is divided by it infinite.
  const std::vector<double> values{1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const auto interval = bootstrap_interval_95(std::ssize(values), [&](std::span<const int64_t> places) {
    double sum = 0;
    for (const int64_t i : places) sum += values[static_cast<size_t>(i)];
    return 1 / sum;
  });
  EXPECT_TRUE(std::isnan(interval[0]) && std::isnan(interval[1]));
}

}  // namespace
}  // namespace convscope

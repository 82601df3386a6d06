#include "convscope/results/spread.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/results/seeds_summary.h"

namespace convscope {
namespace {

TEST(SpreadTest, HasTheQuantilesOfPublishedTables) {
  EXPECT_NEAR(t_quantile_975(1), 12.7062047, 1e-6);
  EXPECT_NEAR(t_quantile_975(2), 4.3026527, 1e-6);
  EXPECT_NEAR(t_quantile_975(3), 3.1824463, 1e-6);
  EXPECT_NEAR(t_quantile_975(4), 2.7764451, 1e-6);
  EXPECT_NEAR(t_quantile_975(9), 2.2621572, 1e-6);
  EXPECT_NEAR(t_quantile_975(30), 2.0422725, 1e-6);
  EXPECT_NEAR(t_quantile_975(1000), 1.9623391, 1e-6);
}

TEST(SpreadTest, OfThreeNumbersIsWhatAPersonReckons) {
  const Spread s = spread_of(std::vector<double>{0.90, 0.91, 0.95});
  EXPECT_NEAR(s.mean, 0.92, 1e-12);
  EXPECT_NEAR(s.deviation, std::sqrt(0.0014 / 2), 1e-12);
  ASSERT_EQ(s.interval_95.size(), 2u);
  EXPECT_NEAR(s.interval_95[1] - s.mean, 4.3026527 * std::sqrt(0.0007 / 3), 1e-9);
  EXPECT_NEAR(s.mean - s.interval_95[0], s.interval_95[1] - s.mean, 1e-12);
}

TEST(SpreadTest, OfSharesStaysAmongShares) {
  const std::vector<double> shares{0.99, 0.97, 0.9999};
  EXPECT_GT(spread_of(shares).interval_95[1], 1);
  const Spread s = spread_of(shares, kShares);
  EXPECT_EQ(s.interval_95[1], 1);
  EXPECT_EQ(s.interval_95[0], spread_of(shares).interval_95[0]);
  SeedsSummary seeds;
  seeds.accuracies = shares;
  summarise(seeds);
  EXPECT_EQ(seeds.accuracy_interval_95, s.interval_95);
}

TEST(SpreadTest, KnowsNothingOfFewerThanTwo) {
  EXPECT_TRUE(std::isnan(spread_of({}).mean));
  const Spread one = spread_of(std::vector<double>{0.5});
  EXPECT_EQ(one.mean, 0.5);
  EXPECT_TRUE(std::isnan(one.deviation));
  EXPECT_TRUE(one.interval_95.empty());
}

TEST(SpreadTest, FindsTheMedianAndTwoValuesThatEncloseIt) {
  EXPECT_EQ(median_of({3, 1, 2}), 2);
  EXPECT_EQ(median_of({4, 1, 2, 3}), 2.5);
  std::vector<double> hundred;
  for (int i = 100; i >= 1; --i) hundred.push_back(i);
  // Of 100 values the 40th and the 61st: binomial(100, ½) lies within 39 … 60 with 95 %.
  EXPECT_EQ(median_interval_95(hundred), (std::array<double, 2>{40, 61}));
  EXPECT_EQ(median_interval_95({7}), (std::array<double, 2>{7, 7}));
}

TEST(SeedsSummaryTest, ComesBackFromItsFileAlsoHalfDone) {
  SeedsSummary s;
  s.seeds = {1, 2, 3};
  s.accuracies = {0.9, 0.92};
  s.best_accuracies = {0.93};
  summarise(s);
  const SeedsSummary back = record_from_json<SeedsSummary>(fields_to_json(s), "seeds.json");
  EXPECT_EQ(back.seeds, s.seeds);
  EXPECT_EQ(back.accuracies, s.accuracies);
  EXPECT_DOUBLE_EQ(back.accuracy_mean, 0.91);
  EXPECT_EQ(back.accuracy_interval_95, s.accuracy_interval_95);
  EXPECT_FALSE(fields_to_json(s).contains("best_accuracy_deviation"));
}

}  // namespace
}  // namespace convscope

#include "convscope/study/smoothed_best.h"

#include <gtest/gtest.h>

#include <cmath>

namespace convscope {
namespace {

constexpr double kSampling = 0.002;  // of a mean or deviation of 0.046 over some 8000 looks

TEST(SmoothedAccuracy, HasTheMeanAndTheStandardErrorOfTheClosedForm) {
  const int64_t epochs[] = {100};
  const SmoothedBest o{.accuracy = 0.86, .images = 800, .batch = 10, .trials = 80};
  const SmoothingTrial row = simulate_smoothed_best(o, epochs).front();
  EXPECT_NEAR(row.mean, 0.86, kSampling);
  EXPECT_NEAR(row.deviation, std::sqrt(0.3 / 1.7) * std::sqrt(0.86 * 0.14 / 10), kSampling);
  EXPECT_NEAR(row.closed_form, 0.0461, 1e-4);
}

TEST(SmoothedAccuracy, BestOfManyEpochsLiesFarAboveTheTruthAndTheProperOneDoesNot) {
  const int64_t epochs[] = {1, 10, 100};
  const auto rows = simulate_smoothed_best({.accuracy = 0.86, .images = 2000, .trials = 30}, epochs);
  EXPECT_NEAR(rows[0].best_smoothed, 0.86, 0.03) << "the best of one is not chosen";
  EXPECT_GT(rows[1].best_smoothed, 0.90);
  EXPECT_GT(rows[2].best_smoothed, rows[1].best_smoothed);
  EXPECT_LT(rows[2].best_exact, 0.86 + 4 * std::sqrt(0.86 * 0.14 / 2000));
}

TEST(SmoothedAccuracy, AnswersThatStayMakeTheBestLessHighAndKeepTheMean) {
  const int64_t epochs[] = {50};
  SmoothedBest o{.accuracy = 0.86, .images = 800, .trials = 60};
  const double fresh = simulate_smoothed_best(o, epochs).front().best_smoothed;
  o.keep = 0.95;
  const SmoothingTrial kept = simulate_smoothed_best(o, epochs).front();
  EXPECT_LT(kept.best_smoothed, fresh - 0.005);
  EXPECT_GT(kept.best_smoothed, 0.88);
  EXPECT_NEAR(kept.mean, 0.86, 0.01);
}

TEST(SmoothedAccuracy, OfANetworkThatIsAlwaysRightIsOne) {
  const int64_t epochs[] = {3};
  const SmoothingTrial row = simulate_smoothed_best({.accuracy = 1, .images = 105, .trials = 2}, epochs).front();
  EXPECT_NEAR(row.best_smoothed, 1, 1e-12);
  EXPECT_EQ(row.best_exact, 1);
  EXPECT_EQ(row.closed_form, 0);
}

}  // namespace
}  // namespace convscope

#include "convscope/train/published_meter.h"

#include <gtest/gtest.h>

#include <vector>

namespace convscope {
namespace {

TEST(PublishedMeterTest, RunsOnOverFullBatchesAndDividesAPartialOneByTheFullSize) {
  PublishedMeter meter;
  const std::vector<uint8_t> right{1, 1, 1, 0, 0, 1, 1};  // batches of 3: 1, 1/3, and one of a single sample
  meter.look(right, 3);
  EXPECT_DOUBLE_EQ(meter.smoothed, 0.7 * 0.3 + 0.3 / 3);
  EXPECT_DOUBLE_EQ(meter.batch_mean, (1 + 1.0 / 3 + 1.0 / 3) / 3);
  const double before = meter.smoothed;
  meter.look(right, 3);
  EXPECT_DOUBLE_EQ(meter.smoothed, 0.7 * (0.7 * before + 0.3) + 0.3 / 3) << "the next epoch goes on from there";
}

TEST(PublishedMeterTest, IsTheProperAccuracyWhereBatchesAreFullAndAlike) {
  PublishedMeter meter;
  std::vector<uint8_t> right;
  for (int i = 0; i < 400; ++i) right.push_back(i % 4 != 0);
  for (int epoch = 0; epoch < 3; ++epoch) meter.look(right, 8);
  EXPECT_DOUBLE_EQ(meter.batch_mean, 0.75);
  EXPECT_NEAR(meter.smoothed, 0.75, 1e-12);
}

TEST(PublishedMeterTest, LeavesTheRunningMeanWhereNoBatchIsFull) {
  PublishedMeter meter{.smoothed = 0.5};
  meter.look(std::vector<uint8_t>{1, 1}, 4);
  EXPECT_EQ(meter.smoothed, 0.5);
  EXPECT_EQ(meter.batch_mean, 0.5);
}

TEST(PublishedMeterTest, SmoothsLossesByTheSameRuleAndLeavesOutABatchThatIsNotFull) {
  PublishedMeter meter;
  meter.look_at_losses(std::vector<double>{1, 3, 2, 2, 100}, 2);
  EXPECT_DOUBLE_EQ(meter.smoothed_loss, 0.7 * (0.3 * 2) + 0.3 * 2);
  EXPECT_EQ(meter.smoothed, 0) << "accuracies are looked at by themselves";
}

// 1000 batches of which 80 % are right and 10 of which all are: 1 − 0.2 · 0.7¹⁰ where the proper accuracy is 0.80198.
TEST(PublishedMeterTest, SeesLittleMoreThanTheLastTenBatches) {
  constexpr int64_t kBatch = 10;
  std::vector<uint8_t> right;
  for (int i = 0; i < 1000 * kBatch; ++i) right.push_back(i % 5 != 0);
  right.insert(right.end(), 10 * kBatch, 1);
  PublishedMeter meter;
  meter.look(right, kBatch);
  EXPECT_NEAR(meter.smoothed, 0.99435, 5e-6);
  EXPECT_NEAR(meter.batch_mean, 0.80198, 5e-6);
}

// The study's default of 64: the last batch of 16 counts as if 48 images more had been wrong.
TEST(PublishedMeterTest, LosesHalfAPercentWhereTheBatchDoesNotDivideTheTestImages) {
  PublishedMeter meter;
  meter.look(std::vector<uint8_t>(10'000, 1), 64);
  EXPECT_NEAR(meter.batch_mean, 1 - 0.48e-2, 1e-4);
  EXPECT_NEAR(meter.smoothed, 1, 1e-12);
}

}  // namespace
}  // namespace convscope

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

}  // namespace
}  // namespace convscope

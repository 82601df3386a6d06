#include "convscope/train/ending.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

std::vector<EpochMetrics> epochs(const std::vector<double>& accuracies) {
  std::vector<EpochMetrics> all;
  for (const double accuracy : accuracies) {
    all.emplace_back();
    all.back().epoch = std::ssize(all);
    all.back().test_accuracy = accuracy;
  }
  return all;
}

TEST(TrainingsEnd, AfterTheirEpochs) {
  TrainOptions o;
  o.epochs = 3;
  EXPECT_EQ(ended_by(o, {}), "");
  EXPECT_EQ(ended_by(o, epochs({0.1, 0.9})), "");
  EXPECT_EQ(ended_by(o, epochs({0.1, 0.9, 0.2})), "epochs");
}

TEST(TrainingsEnd, WithoutABetterEpochForTooLong) {
  TrainOptions o;
  o.patience = 2;
  EXPECT_EQ(ended_by(o, epochs({0.5, 0.4})), "");
  EXPECT_EQ(ended_by(o, epochs({0.5, 0.4, 0.5})), "patience") << "as good is not better";
  EXPECT_EQ(ended_by(o, epochs({0.5, 0.4, 0.6, 0.5})), "");
  EXPECT_EQ(ended_by(o, epochs({kUnknown, kUnknown, kUnknown})), "");
}

TEST(TrainingsEnd, AtTheAccuracyThatIsEnough) {
  TrainOptions o;
  o.stop_at = 0.9;
  EXPECT_EQ(ended_by(o, epochs({0.5, 0.89})), "");
  EXPECT_EQ(ended_by(o, epochs({0.5, 0.9})), "stop_at");
  EXPECT_EQ(ended_by(o, epochs({kUnknown})), "");
}

}  // namespace
}  // namespace convscope

#include "convscope/results/corruptions_record.h"

#include <gtest/gtest.h>

#include <cmath>

namespace convscope {
namespace {

TEST(CorruptionsRecord, HasTheIntervalOfAMeanOfImages) {
  const double shares[] = {0, 1, 1, 1};
  const auto [low, high] = interval_by_images(shares);
  EXPECT_NEAR(low, 0.75 - 1.959964 * 0.25, 1e-6);  // deviation ½ over √4
  EXPECT_EQ(high, 1);
  EXPECT_EQ(interval_by_images({}), (std::array<double, 2>{0, 1}));
}

TEST(CorruptionsRecord, IsATableWithTheCleanAccuracyFirst) {
  CorruptionsRecord record;
  record.images = 4;
  record.clean_accuracy = 0.75;
  record.corruptions = {{"fog", 2, 0.5, {0.1, 0.9}, 2, 4, "weather"}};
  EXPECT_EQ(corruptions_csv(record),
            "corruption,kind,severity,accuracy,low,high,correct,total\nclean,,0,0.75,0,1,3,4\nfog,weather,2,0.5,0.1,0.9,2,4\n");
}

}  // namespace
}  // namespace convscope

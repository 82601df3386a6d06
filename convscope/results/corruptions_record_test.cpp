#include "convscope/results/corruptions_record.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

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

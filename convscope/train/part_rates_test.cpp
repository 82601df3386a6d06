#include "convscope/train/part_rates.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

TEST(PartRates, AreReadAsTheyAreWritten) {
  const auto all = parse_part_rates("head=1+features.*=0+*=0.1");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].pattern, "features.*");
  EXPECT_EQ(all[1].factor, 0);
  EXPECT_EQ(all[2].factor, 0.1);
  EXPECT_TRUE(parse_part_rates("").empty());
  for (const char* wrong : {"head", "=1", "head=x", "head=-1", "head=1+", "head=nan"})
    EXPECT_THROW_SAYING(parse_part_rates(wrong), "PATTERN=FACTOR was wanted");
}

TEST(PartRates, FitNamesWithAnyLettersForAStar) {
  EXPECT_TRUE(fits("*", "layer1.0.conv1.weight"));
  EXPECT_TRUE(fits("layer1.*", "layer1.0.conv1.weight"));
  EXPECT_TRUE(fits("*.weight", "layer1.0.conv1.weight"));
  EXPECT_TRUE(fits("layer*conv*weight", "layer1.0.conv1.weight"));
  EXPECT_TRUE(fits("a", "a"));
  EXPECT_FALSE(fits("a", "ab"));
  EXPECT_FALSE(fits("layer2.*", "layer1.0.conv1.weight"));
  EXPECT_FALSE(fits("*.bias", "layer1.0.conv1.weight"));
}

}  // namespace
}  // namespace convscope

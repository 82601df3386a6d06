#include "convscope/report/draw/colour_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace convscope {
namespace {

TEST(ColourMaps, BeginAndEndWithTheirColours) {
  EXPECT_NEAR(colour_of(ColourMap::inferno, 0).blue, 4 / 255.0, 1e-9);
  EXPECT_NEAR(colour_of(ColourMap::inferno, 1).red, 252 / 255.0, 1e-9);
  EXPECT_NEAR(colour_of(ColourMap::diverging, 0.5).green, 247 / 255.0, 1e-9);
  EXPECT_GT(colour_of(ColourMap::diverging, 0).blue, colour_of(ColourMap::diverging, 0).red);
  EXPECT_GT(colour_of(ColourMap::diverging, 1).red, colour_of(ColourMap::diverging, 1).blue);
}

TEST(ColourMaps, OfInfernoGrowEverBrighter) {
  for (int i = 1; i < 256; ++i)
    EXPECT_GT(brightness(colour_of(ColourMap::inferno, i / 255.0)) + 0.004, brightness(colour_of(ColourMap::inferno, (i - 1) / 255.0)))
        << i;
}

TEST(ColourMaps, ClipAndTakeWhatIsNoNumberForTheLeast) {
  EXPECT_EQ(colour_of(ColourMap::grey, 7).red, 1);
  EXPECT_EQ(colour_of(ColourMap::grey, -7).red, 0);
  EXPECT_EQ(colour_of(ColourMap::grey, std::numeric_limits<double>::quiet_NaN()).red, 0);
}

TEST(ColouredValues, ArePlanesOfAPicture) {
  const float values[] = {-1, 0, 1, 0};
  const Image image = coloured(values, 2, 2, {ColourMap::diverging, -1, 1});
  EXPECT_EQ(image.channels, 3);
  EXPECT_EQ(image.pixels[1], 247);
  EXPECT_EQ(image.pixels[4 + 3], 247);
  EXPECT_EQ(image.pixels[0], 5);
  EXPECT_EQ(image.pixels[2], 103);
}

TEST(ColouredValues, OfAFlatMapAreTheColourOfZero) {
  const float values[] = {0, 0};
  EXPECT_EQ(coloured(values, 1, 2, {ColourMap::diverging, 0, 0}).pixels[0], 247);
  EXPECT_EQ(coloured(values, 1, 2, {ColourMap::inferno, 0, 0}).pixels[0], 0);
}

}  // namespace
}  // namespace convscope

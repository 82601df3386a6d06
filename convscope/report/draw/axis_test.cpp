#include "convscope/report/draw/axis.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/error.h"

namespace convscope {
namespace {

std::string labels(const Axis& axis) {
  std::string all;
  for (const auto& tick : axis.ticks()) all += (all.empty() ? "" : " ") + tick.label;
  return all;
}

TEST(LinearAxis, EndsOnRoundTicksThatHoldTheData) {
  EXPECT_EQ(labels(Axis::linear(17.7, 99.6, 5)), "0 20 40 60 80 100");
  EXPECT_EQ(labels(Axis::linear(0.0, 0.0031, 5)), "0.000 0.001 0.002 0.003 0.004");
  EXPECT_EQ(labels(Axis::linear(-1, 1, 4)), "-1.0 -0.5 0.0 0.5 1.0");
  for (const double high : {1e-12, 0.3, 1.0, 2.3026, 99.99, 1e9}) {
    const Axis axis = Axis::linear(high / 7, high, 5);
    EXPECT_LE(axis.at(high), 1 + 1e-9) << high;
    EXPECT_GE(axis.at(high / 7), -1e-9) << high;
    EXPECT_GE(axis.ticks().size(), 3u) << high;
    EXPECT_LE(axis.ticks().size(), 9u) << high;
  }
}

TEST(LinearAxis, SpreadsASingleValue) {
  for (const double value : {0.0, 2.3026, -5.0, 1e-9}) {
    const Axis axis = Axis::linear(value, value, 5);
    EXPECT_GT(axis.at(value), 0.0) << value;
    EXPECT_LT(axis.at(value), 1.0) << value;
  }
  EXPECT_THROW(Axis::linear(NAN, 1, 5), Error);
}

TEST(LogarithmicAxis, HasTicksAtPowersOfTen) {
  EXPECT_EQ(labels(Axis::logarithmic(0.011, 4, 6)), "0.01 0.1 1");
  EXPECT_EQ(labels(Axis::logarithmic(3e-7, 2, 6)), "10⁻⁶ 0.0001 0.01 1");
  EXPECT_EQ(labels(Axis::logarithmic(0.12, 3, 6)), "0.1 0.2 0.5 1 2 5");
  const Axis axis = Axis::logarithmic(0.01, 100, 6);
  EXPECT_NEAR(axis.at(1), 0.5, 1e-12);
  EXPECT_THROW(Axis::logarithmic(0, 1, 6), Error);
}

TEST(AxisOverANumber, HasTheSamePlacesAndFractionsForLabels) {
  const Axis levels = Axis::linear(0, 8, 5), axis = levels.over(255);
  EXPECT_EQ(labels(axis), "0 2/255 4/255 6/255 8/255");
  EXPECT_NEAR(axis.at(2.0 / 255), levels.at(2), 1e-12);
  const Axis wide = Axis::logarithmic(0.5, 100, 6).over(255);
  EXPECT_NEAR(wide.at(10.0 / 255), Axis::logarithmic(0.5, 100, 6).at(10), 1e-12);
  EXPECT_TRUE(labels(wide).ends_with("10/255 100/255")) << labels(wide);
}

TEST(CountingAxis, HasWholeTicksAndTellsTheFirst) {
  EXPECT_EQ(labels(Axis::counting(1, 160, 10)), "1 20 40 60 80 100 120 140 160");
  EXPECT_EQ(labels(Axis::counting(1, 3, 10)), "1 2 3");
  EXPECT_EQ(labels(Axis::counting(1, 20, 10)), "2 4 6 8 10 12 14 16 18 20");
  EXPECT_EQ(labels(Axis::counting(7, 7, 10)), "7");
  EXPECT_EQ(Axis::counting(7, 7, 10).at(7), 0.5);
}

}  // namespace
}  // namespace convscope

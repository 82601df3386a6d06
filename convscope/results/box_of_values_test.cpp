#include "convscope/results/box_of_values.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

TEST(BoxOfValues, IsThatOfNumPyAndMatplotlib) {
  const BoxOfValues b = box_of({1, 2, 3, 4, 100});
  EXPECT_EQ(b.median, 3);
  EXPECT_EQ(b.quartile_1, 2);
  EXPECT_EQ(b.quartile_3, 4);
  EXPECT_EQ(b.low, 1);
  EXPECT_EQ(b.high, 4);
  EXPECT_EQ(b.outliers, std::vector<double>{100});
}

}  // namespace
}  // namespace convscope

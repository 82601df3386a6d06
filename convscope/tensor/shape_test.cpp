#include "convscope/tensor/shape.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

TEST(Shape, CountsItsElements) {
  EXPECT_EQ(Shape({2, 3, 4, 5}).size(), 120);
  EXPECT_EQ(Shape({2, 3, 4, 5}).inner(), 60);
  EXPECT_EQ(Shape({2, 3, 4, 5}).rank(), 4);
  EXPECT_EQ(Shape({2, 3})[1], 3);
  EXPECT_EQ(Shape({2, 0, 5}).size(), 0);
  EXPECT_EQ(Shape({2, 0, 5}).inner(), 0);
  EXPECT_EQ(Shape({0, 4}).inner(), 0);
}

TEST(Shape, WithoutExtentsHasOneElement) {
  EXPECT_EQ(Shape().size(), 1);
  EXPECT_EQ(Shape().rank(), 0);
  EXPECT_EQ(fmt::format("{}", Shape()), "[]");
}

TEST(Shape, IsShownAsAList) { EXPECT_EQ(fmt::format("{}", Shape{128, 64, 16, 16}), "[128, 64, 16, 16]"); }

TEST(Shape, IsEqualWhereRankAndExtentsAre) {
  EXPECT_EQ(Shape({2, 3}), Shape(std::vector<int64_t>{2, 3}));
  EXPECT_NE(Shape({2, 3}), Shape({3, 2}));
  EXPECT_NE(Shape({2}), Shape({2, 0}));
}

TEST(Shape, TakesAnotherBatch) {
  EXPECT_EQ(Shape({2, 3, 4}).with_batch(7), Shape({7, 3, 4}));
  EXPECT_THROW_SAYING(Shape().with_batch(7), "a shape without extents has no batch");
  EXPECT_THROW_SAYING(Shape({2, 3}).with_batch(-1), "a shape cannot have the extent -1");
}

TEST(Shape, RefusesWhatCannotBe) {
  EXPECT_THROW_SAYING(Shape({1, 2, 3, 4, 5, 6}), "a shape of 6 extents; at most 5 are supported");
  EXPECT_THROW_SAYING(Shape({2, -3}), "a shape cannot have the extent -3");
}

TEST(Shape, OfAbsurdSizeIsAnErrorAndNeverOverflows) {
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(Shape({most}).size(), most);
  EXPECT_THROW_SAYING(Shape({most, 2}), "of absurd size");
  EXPECT_THROW_SAYING(Shape({int64_t{1} << 32, int64_t{1} << 31}), "a shape [4294967296, 2147483648] of absurd size");
  EXPECT_THROW_SAYING(Shape({2, most}).with_batch(most), "of absurd size");
}

}  // namespace
}  // namespace convscope

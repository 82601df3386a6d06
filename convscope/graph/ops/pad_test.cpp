#include "convscope/graph/ops/pad.h"

#include <gtest/gtest.h>

#include "convscope/graph/ops/single_op_testing.h"

namespace convscope {
using namespace testing_graph;

TEST(PadOp, PutsItsNumberAroundEachPlane) {
  const Tensor y = output_of(PadOp({.top = 1, .right = 2, .value = 9}), {Tensor({1, 2, 1, 1}, {1, 2})});
  EXPECT_EQ(y.shape(), (Shape{1, 2, 2, 3}));
  EXPECT_EQ(numbers(y), (std::vector<float>{9, 9, 9, 1, 9, 9, 9, 9, 9, 2, 9, 9}));
}

TEST(PadOp, RefusesToTakeRowsAway) { EXPECT_TRUE(refuses(PadOp({.top = -1}), {{1, 2, 4, 4}}, "top is -1")); }

TEST(CropOp, TakesBackWhatAPadGave) {
  const Tensor x({1, 1, 2, 2}, {1, 2, 3, 4});
  const Tensor padded = output_of(PadOp({.top = 2, .bottom = 1, .left = 3, .right = 1, .value = 9}), {x});
  EXPECT_EQ(numbers(output_of(CropOp({.top = 2, .left = 3, .rows = 2, .columns = 2}), {padded})), numbers(x));
}

TEST(CropOp, RefusesAWindowThatHangsOver) {
  EXPECT_TRUE(refuses(CropOp({.top = 3, .left = 0, .rows = 2, .columns = 2}), {{1, 1, 4, 4}}, "does not lie in input [1, 1, 4, 4]"));
}

}  // namespace convscope

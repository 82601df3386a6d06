#include "convscope/graph/ops/concat.h"

#include <gtest/gtest.h>

#include "convscope/graph/ops/single_op_testing.h"

namespace convscope {
using namespace testing_graph;

TEST(ConcatOp, PutsEachImagesChannelsOneBehindTheOther) {
  const Tensor y = output_of(ConcatOp({.inputs = 2}), {Tensor({2, 1}, {1, 2}), Tensor({2, 2}, {3, 4, 5, 6})});
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  EXPECT_EQ(numbers(y), (std::vector<float>{1, 3, 4, 2, 5, 6}));
}

TEST(ConcatOp, RefusesWhatDiffersInMoreThanItsChannels) {
  EXPECT_TRUE(refuses(ConcatOp({.inputs = 2}), {{1, 2, 4, 4}, {1, 2, 4, 5}}, "[1, 2, 4, 4] and [1, 2, 4, 5]"));
  EXPECT_TRUE(refuses(ConcatOp({.inputs = 2}), {{1, 2, 4, 4}, {1, 2}}, "[1, 2, 4, 4] and [1, 2]"));
  EXPECT_TRUE(refuses(ConcatOp({.inputs = 1}), {{1, 2, 4}}, "has no channels"));
  EXPECT_TRUE(refuses(ConcatOp({.inputs = 0}), {}, "inputs is 0"));
}

}  // namespace convscope

#include "convscope/graph/ops/linear.h"

#include "convscope/base/base_testing.h"
#include "convscope/graph/graph_testing.h"

namespace convscope {
using namespace testing_graph;

TEST(Linear, MultipliesByTheTransposedWeight) {
  const LoneOp lone(std::make_shared<LinearOp>(LinearOptions{}), {{1, 3}, {2, 3}, {2}}, {});
  const Tensor y = lone.run({Tensor({1, 3}, {1, 2, 3}), Tensor({2, 3}, {1, 10, 100, 0, 0, 1}), Tensor({2}, {0.5f, -4})})[0];
  EXPECT_EQ(max_difference(y, Tensor({1, 2}, {321.5f, -1})), 0.0f);
}

TEST(Linear, TakesImagesAsFlattenedAndGivesTheirGradientAsImages) {
  const LoneOp lone(std::make_shared<LinearOp>(LinearOptions{.bias = false}), {{1, 2, 1, 2}, {1, 4}}, {true, true});
  const std::vector<Tensor> inputs{Tensor({1, 2, 1, 2}, {1, 2, 3, 4}), Tensor({1, 4}, {1, 10, 100, 1000})};
  EXPECT_EQ(lone.run(inputs)[0][0], 4321.0f);
  const Tensor upstream({1, 1}, {2});
  EXPECT_EQ(max_difference(lone.gradient(0, inputs, upstream), Tensor({1, 2, 1, 2}, {2, 20, 200, 2000})), 0.0f);
  EXPECT_EQ(max_difference(lone.gradient(1, inputs, upstream), Tensor({1, 4}, {2, 4, 6, 8})), 0.0f);
}

TEST(Linear, CountsMultiplyAdds) {
  const std::vector<Shape> in{{8, 2, 3, 4}, {10, 24}};
  const LinearOp op({.bias = false});
  EXPECT_EQ(op.macs(in, op.shapes(in)), 8 * 10 * 24);
}

TEST(Linear, SaysWhatDoesNotFit) {
  const auto shapes = [](std::vector<Shape> in) { return LinearOp(LinearOptions{}).shapes(in); };
  EXPECT_THROW_SAYING(shapes({{2, 64}, {10, 32}, {10}}), "input [2, 64] has 64 features, weight [10, 32] wants 32");
  EXPECT_THROW_SAYING(shapes({{2, 3, 4}, {10, 12}, {10}}), "input [2, 3, 4] has 3 extents");
  EXPECT_THROW_SAYING(shapes({{2, 64}, {10, 64, 1}, {10}}), "weight [10, 64, 1]");
  EXPECT_THROW_SAYING(shapes({{2, 64}, {10, 64}, {9}}), "bias is [9]");
  EXPECT_THROW_SAYING(LinearBackwardDataOp({.features = {5, 5}}).shapes(std::vector<Shape>{{2, 10}, {10, 24}}), "features [5, 5]");
}

}  // namespace convscope

#include "convscope/graph/ops/conv2d.h"

#include "convscope/base/base_testing.h"
#include "convscope/graph/graph_testing.h"

namespace convscope {
using namespace testing_graph;

namespace {
Tensor run(const Conv2dOptions& options, const std::vector<Tensor>& inputs) {
  std::vector<Shape> shapes;
  for (const Tensor& t : inputs) shapes.push_back(t.shape());
  return LoneOp(std::make_shared<Conv2dOp>(options), shapes, {}).run(inputs)[0];
}
std::vector<Shape> shapes(const Conv2dOptions& options, std::vector<Shape> inputs) { return Conv2dOp(options).shapes(inputs); }
const Tensor kPicture({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
}  // namespace

TEST(Conv2d, CorrelatesAndDoesNotFlipTheWindow) {
  const Tensor y = run({}, {kPicture, Tensor({1, 1, 2, 2}, {1, 10, 100, 1000})});
  EXPECT_EQ(max_difference(y, Tensor({1, 1, 2, 2}, {5421, 6532, 8754, 9865})), 0.0f);
}

TEST(Conv2d, SeesZerosAroundThePicture) {
  const Tensor y = run({.stride = 2, .pad = 1}, {kPicture, Tensor({1, 1, 2, 2}, {1, 10, 100, 1000})});
  EXPECT_EQ(max_difference(y, Tensor({1, 1, 2, 2}, {1000, 3200, 7040, 9865})), 0.0f);
}

TEST(Conv2d, AddsBiasAndResidualBeforeTheRelu) {
  const Tensor y = run({.bias = true, .residual = true, .activation = Activation{}},
                       {kPicture, Tensor({1, 1, 3, 3}, {0, 0, 0, 0, 1, 0, 0, 0, 0}), Tensor({1}, {-7}), Tensor({1, 1, 1, 1}, {1.5f})});
  EXPECT_EQ(y[0], 0.0f);
  const Tensor z = run({.bias = true, .residual = true, .activation = Activation{}},
                       {kPicture, Tensor({1, 1, 3, 3}, {0, 0, 0, 0, 1, 0, 0, 0, 0}), Tensor({1}, {-7}), Tensor({1, 1, 1, 1}, {2.5f})});
  EXPECT_EQ(z[0], 0.5f);
}

TEST(Conv2d, KeepsGroupsApart) {
  const Tensor x({1, 2, 1, 1}, {3, 5});
  EXPECT_EQ(max_difference(run({.groups = 2}, {x, Tensor({2, 1, 1, 1}, {10, 100})}), Tensor({1, 2, 1, 1}, {30, 500})), 0.0f);
}

TEST(Conv2d, CountsMultiplyAdds) {
  const std::vector<Shape> in{{8, 16, 32, 32}, {32, 4, 3, 3}};
  const Conv2dOp op({.stride = 2, .pad = 1, .groups = 4});
  const std::vector<Shape> y = op.shapes(in);
  EXPECT_EQ(y[0], (Shape{8, 32, 16, 16}));
  const int64_t macs = 8 * 32 * 16 * 16 * 4 * 9;
  EXPECT_EQ(op.macs(in, y), macs);
  const Conv2dBackwardDataOp data({.stride = 2, .pad = 1, .groups = 4, .rows = 32, .columns = 32});
  const Conv2dBackwardWeightsOp weights({.stride = 2, .pad = 1, .groups = 4, .kernel_rows = 3, .kernel_columns = 3});
  EXPECT_EQ(data.macs(std::vector<Shape>{y[0], in[1]}, data.shapes(std::vector<Shape>{y[0], in[1]})), macs);
  EXPECT_EQ(weights.macs(std::vector<Shape>{in[0], y[0]}, weights.shapes(std::vector<Shape>{in[0], y[0]})), macs);
}

TEST(Conv2d, SaysWhatDoesNotFit) {
  EXPECT_THROW_SAYING(shapes({}, {{2, 64, 8, 8}, {128, 32, 3, 3}}), "input [2, 64, 8, 8] has 64 channels, weight [128, 32, 3, 3] wants 32");
  EXPECT_THROW_SAYING(shapes({}, {{2, 64}, {128, 32, 3, 3}}), "input [2, 64]");
  EXPECT_THROW_SAYING(shapes({}, {{2, 64, 8, 8}, {128, 64}}), "weight [128, 64]");
  EXPECT_THROW_SAYING(shapes({}, {{2, 3, 4, 4}, {8, 3, 5, 5}}), "a window of 5 samples at distance 1 spans 5, more than the 4");
  EXPECT_THROW_SAYING(shapes({.groups = 2}, {{2, 4, 4, 4}, {3, 2, 3, 3}}), "3 filters, which 2 groups cannot share evenly");
  EXPECT_THROW_SAYING(shapes({.stride = 0}, {{2, 3, 4, 4}, {8, 3, 3, 3}}), "stride is 0");
  EXPECT_THROW_SAYING(shapes({.pad = int64_t{1} << 62}, {{2, 3, 4, 4}, {8, 3, 3, 3}}), "pad is");
  EXPECT_THROW_SAYING(shapes({.dilation = -1}, {{2, 3, 4, 4}, {8, 3, 3, 3}}), "dilation is -1");
  EXPECT_THROW_SAYING(shapes({.bias = true}, {{2, 3, 4, 4}, {8, 3, 3, 3}, {7}}), "bias is [7]");
  EXPECT_THROW_SAYING(shapes({.residual = true}, {{2, 3, 4, 4}, {8, 3, 3, 3}, {2, 8, 4, 4}}), "the convolution makes [2, 8, 2, 2]");
  EXPECT_THROW_SAYING(shapes({.bias = true}, {{2, 3, 4, 4}, {8, 3, 3, 3}}), "conv2d takes 3 inputs, got 2");
}

TEST(Conv2dBackwardData, RefusesAGradientThatTheConvolutionCannotHaveMade) {
  const Conv2dBackwardDataOp op({.stride = 2, .rows = 9, .columns = 9});
  EXPECT_THROW_SAYING(op.shapes(std::vector<Shape>{{1, 8, 5, 4}, {8, 3, 3, 3}}), "makes [1, 8, 4, 4]");
}

}  // namespace convscope

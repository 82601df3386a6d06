#include "convscope/graph/ops/affine.h"

#include "convscope/base/base_testing.h"
#include "convscope/graph/graph_testing.h"

namespace convscope {
using namespace testing_graph;

TEST(Affine, ScalesByChannelOrByActivation) {
  const Tensor x({1, 2, 1, 2}, {1, 2, 3, 4});
  const LoneOp channels(std::make_shared<AffineOp>(AffineOptions{}), {x.shape(), {2}, {2}}, {});
  EXPECT_EQ(max_difference(channels.run({x, Tensor({2}, {10, 100}), Tensor({2}, {1, 2})})[0], Tensor({1, 2, 1, 2}, {11, 21, 302, 402})),
            0.0f);
  const LoneOp activations(std::make_shared<AffineOp>(AffineOptions{}), {x.shape(), {2, 1, 2}, {2, 1, 2}}, {});
  EXPECT_EQ(max_difference(activations.run({x, Tensor({2, 1, 2}, {1, 10, 100, 1000}), Tensor({2, 1, 2}, {0, 1, 2, 3})})[0],
                           Tensor({1, 2, 1, 2}, {1, 21, 302, 4003})),
            0.0f);
}

TEST(Affine, HasNoGradientForItsConstants) {
  EXPECT_THROW_SAYING(LoneOp(std::make_shared<AffineOp>(AffineOptions{}), {{1, 2, 1, 2}, {2}, {2}}, {true, true, false}), "constants");
}

TEST(Affine, SaysWhatDoesNotFit) {
  const auto shapes = [](AffineOptions options, std::vector<Shape> in) { return AffineOp(options).shapes(in); };
  EXPECT_THROW_SAYING(shapes({}, {{1, 2, 3, 4}, {3}, {3}}), "scale [3] does not fit [1, 2, 3, 4]; it must be [2] or [2, 3, 4]");
  EXPECT_THROW_SAYING(shapes({}, {{1, 2, 3, 4}, {2}, {2, 3, 4}}), "shift is [2, 3, 4]");
  EXPECT_THROW_SAYING(shapes({.residual = true}, {{1, 2, 3, 4}, {2}, {2}, {1, 2, 3, 3}}), "the residual is [1, 2, 3, 3]");
}

TEST(Normalize, TakesTheMeanAwayAndDividesByTheDeviation) {
  const NormalizeOptions options{.mean = {0.5, 0.25}, .std = {0.5, 0.125}};
  const LoneOp lone(std::make_shared<NormalizeOp>(options), {{1, 2, 1, 1}}, {true});
  const Tensor x({1, 2, 1, 1}, {1, 0});
  EXPECT_EQ(max_difference(lone.run({x})[0], Tensor({1, 2, 1, 1}, {1, -2})), 0.0f);
  EXPECT_EQ(max_difference(lone.gradient(0, {x}, Tensor({1, 2, 1, 1}, {1, 1})), Tensor({1, 2, 1, 1}, {2, 8})), 0.0f);
}

TEST(Normalize, SaysWhatDoesNotFit) {
  const std::vector<Shape> grey{{1, 1, 8, 8}};
  EXPECT_THROW_SAYING(NormalizeOp({.mean = {0.5, 0.5, 0.5}, .std = {1, 1, 1}}).shapes(grey), "has 1 channels, 'mean' has 3 numbers");
  EXPECT_THROW_SAYING(NormalizeOp({.mean = {0.5}, .std = {0}}).shapes(grey), "a standard deviation is 0");
}

}  // namespace convscope

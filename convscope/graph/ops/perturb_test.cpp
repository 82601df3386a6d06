#include "convscope/graph/ops/perturb.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "convscope/base/random.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/single_op_testing.h"

namespace convscope {
using namespace testing_graph;

namespace {

/** Numbers in [−1, 1) from a stream of that name. */
Tensor drawn(std::string_view name, const Shape& shape) {
  Tensor t(shape);
  const RandomStream random(3, name);
  for (int64_t i = 0; i < t.size(); ++i) t[i] = 2 * random.uniform(static_cast<uint64_t>(i)) - 1;
  return t;
}

constexpr float kSum = 2e-6f;  // a few terms in float, where the other side sums in double

/** The published form: all maps, the activation, a convolution of C groups. */
Tensor by_maps(const Tensor& x, const Tensor& masks, const Tensor& weight, const Tensor& bias, std::string_view act,
               const RunContext& context) {
  Tensor maps = output_of(PerturbOp({.level = 0.5}), {x, masks});
  if (act == "relu") maps = output_of(ReluOp(NoOptions{}), {maps});
  if (act == "tanh") maps = output_of(TanhOp(NoOptions{}), {maps});
  if (act == "rrelu") maps = output_of(RReluOp({.stream = "slopes"}), {maps}, context);
  return output_of(Conv2dOp({.groups = x.shape()[1], .bias = true}), {maps, weight, bias});
}

}  // namespace

TEST(PerturbMix, IsThePerturbedMapsTheirActivationAndAConvolutionOfGroups) {
  const RunContext context{.seed = 5, .epoch = 2, .samples = {}};
  const Tensor x = drawn("x", {2, 3, 4, 5}), weight = drawn("weight", {6, 7, 1, 1}), bias = drawn("bias", {6});
  for (const int64_t sets : {3, 1})
    for (const char* act : {"none", "relu", "tanh", "rrelu"}) {
      const Tensor masks = drawn("masks", {sets, 7, 4, 5});
      const PerturbMixOp op({.level = 0.5, .act = act, .stream = "slopes"});
      EXPECT_LE(relative_error(output_of(op, {x, masks, weight, bias}, context), by_maps(x, masks, weight, bias, act, context)), kSum)
          << act << " " << sets;
    }
}

TEST(Perturb, AddsEachMaskOfAChannelToItOneBehindTheOther) {
  const Tensor x({1, 2, 1, 1}, {1, 2}), own({2, 2, 1, 1}, {10, 20, 30, 40}), shared({1, 2, 1, 1}, {10, 20});
  EXPECT_EQ(numbers(output_of(PerturbOp({.level = 0.5}), {x, own})), (std::vector<float>{6, 11, 17, 22}));
  EXPECT_EQ(numbers(output_of(PerturbOp({.level = 0.5}), {x, shared})), (std::vector<float>{6, 11, 7, 12}));
}

TEST(Perturb, LeavesEachImageToItself) {
  const Tensor x = drawn("x", {3, 2, 4, 4}), masks = drawn("masks", {2, 1, 4, 4});
  const Tensor all = output_of(PerturbOp({.level = 0.5}), {x, masks});
  const Tensor last = output_of(PerturbOp({.level = 0.5}), {Tensor({1, 2, 4, 4}, x.row(2)), masks});
  EXPECT_EQ(max_difference(last, Tensor({1, 2, 4, 4}, all.row(2))), 0);
}

TEST(PerturbMix, RefusesWhatDoesNotFit) {
  const PerturbMixOp op(PerturbMixOptions{});
  const Shape x{2, 3, 4, 4}, masks{3, 5, 4, 4};
  EXPECT_TRUE(refuses(op, {x, masks, {7, 5, 1, 1}, {7}}, "7 outputs cannot be shared evenly by the 3 channels"));
  EXPECT_TRUE(refuses(op, {x, {3, 5, 8, 8}, {6, 5, 1, 1}, {6}}, "masks [3, 5, 8, 8] do not fit the input [2, 3, 4, 4]"));
  EXPECT_TRUE(refuses(op, {x, {2, 5, 4, 4}, {6, 5, 1, 1}, {6}}, "[3 or 1, M, 4, 4] was wanted"));
  EXPECT_TRUE(refuses(op, {x, {3, 0, 4, 4}, {6, 0, 1, 1}, {6}}, "M of at least 1"));
  EXPECT_TRUE(refuses(op, {x, masks, {6, 4, 1, 1}, {6}}, "[K, 5, 1, 1] was wanted"));
  EXPECT_TRUE(refuses(PerturbMixOp({.level = std::nan("")}), {x, masks, {6, 5, 1, 1}, {6}}, "level is nan"));
  EXPECT_TRUE(refuses(PerturbMixOp({.act = "rely"}), {x, masks, {6, 5, 1, 1}, {6}}, "did you mean 'relu'?"));
  EXPECT_TRUE(refuses(PerturbOp({.level = std::numeric_limits<double>::infinity()}), {x, masks}, "level is inf"));
}

}  // namespace convscope

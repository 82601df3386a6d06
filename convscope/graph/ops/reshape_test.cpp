#include "convscope/graph/ops/reshape.h"

#include <gtest/gtest.h>

#include "convscope/graph/ops/single_op_testing.h"

namespace convscope {
using namespace testing_graph;

namespace {
using Numbers = std::vector<float>;
}

TEST(Flatten, KeepsTheNumbersInOrderAndItsGradientTheShape) {
  const FlattenOp flatten(NoOptions{});
  const Tensor x({2, 1, 1, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor y = output_of(flatten, {x});
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  EXPECT_EQ(numbers(y), numbers(x));
  const Tensor dx = gradient_of(flatten, {x}, y);
  EXPECT_EQ(dx.shape(), x.shape());
  EXPECT_EQ(numbers(dx), numbers(x));
  EXPECT_TRUE(refuses(flatten, {{5}}, "[5] has nothing to flatten"));
}

TEST(Unflatten, UndoesFlattenAndIsUndoneByIt) {
  const UnflattenOp unflatten(UnflattenOptions{{2, 1, 2}});
  const Tensor x({1, 4}, {1, 2, 3, 4});
  const Tensor y = output_of(unflatten, {x});
  EXPECT_EQ(y.shape(), (Shape{1, 2, 1, 2}));
  EXPECT_EQ(gradient_of(unflatten, {x}, y).shape(), x.shape());
}

TEST(Unflatten, RefusesExtentsOfAnotherProduct) {
  EXPECT_TRUE(refuses(UnflattenOp(UnflattenOptions{{3}}), {{1, 4}}, "product is 4"));
  EXPECT_TRUE(refuses(UnflattenOp(UnflattenOptions{}), {{1, 1}}, "product is 1"));
  EXPECT_TRUE(refuses(UnflattenOp(UnflattenOptions{{-2, -2}}), {{1, 4}}, "-2"));
  EXPECT_TRUE(refuses(UnflattenOp(UnflattenOptions{{int64_t{1} << 40, int64_t{1} << 40}}), {{1, 4}}, "absurd"));
}

TEST(Subsample, OfOddSizesKeepsTheFirstAndTheLastSample) {
  const SubsampleOp subsample(SubsampleOptions{});
  const Tensor x({1, 1, 3, 5}, {0, 1, 2, 3, 4,  //
                                5, 6, 7, 8, 9,  //
                                10, 11, 12, 13, 14});
  const Tensor y = output_of(subsample, {x});
  EXPECT_EQ(y.shape(), (Shape{1, 1, 2, 3}));
  EXPECT_EQ(numbers(y), (Numbers{0, 2, 4, 10, 12, 14}));
  const Tensor dx = gradient_of(subsample, {x}, Tensor({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(numbers(dx), (Numbers{1, 0, 2, 0, 3,  //
                                  0, 0, 0, 0, 0,  //
                                  4, 0, 5, 0, 6}));
}

TEST(Subsample, OfARateBeyondTheSizeKeepsOneSampleOfEachPlane) {
  const Tensor x({2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(numbers(output_of(SubsampleOp({.rate = 3}), {x})), (Numbers{1, 5}));
}

TEST(Subsample, RefusesARateOfZeroAndAGradientOfAnotherPlane) {
  EXPECT_TRUE(refuses(SubsampleOp({.rate = 0}), {{1, 1, 2, 2}}, "rate is 0"));
  SubsampleBackwardOptions options;
  options.rows = options.columns = 5;
  EXPECT_TRUE(refuses(SubsampleBackwardOp(options), {{1, 1, 2, 2}}, "[1, 1, 3, 3] was wanted"));
}

TEST(ZeroPadChannels, PutsZerosAroundAndItsGradientTakesThemOff) {
  const ZeroPadChannelsOp pad(ZeroPadChannelsOptions{.before = 1, .after = 2});
  const Tensor x({2, 1, 1, 2}, {1, 2, 3, 4});
  const Tensor y = output_of(pad, {x});
  EXPECT_EQ(y.shape(), (Shape{2, 4, 1, 2}));
  EXPECT_EQ(numbers(y), (Numbers{0, 0, 1, 2, 0, 0, 0, 0,  //
                                 0, 0, 3, 4, 0, 0, 0, 0}));
  EXPECT_EQ(numbers(gradient_of(pad, {x}, y)), numbers(x));
}

TEST(TakeChannels, TakesARangeAndItsGradientIsZeroElsewhere) {
  const TakeChannelsOp take(TakeChannelsOptions{.first = 1, .count = 2});
  const Tensor x({2, 4, 1, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  const Tensor y = output_of(take, {x});
  EXPECT_EQ(numbers(y), (Numbers{2, 3, 6, 7}));
  EXPECT_EQ(numbers(gradient_of(take, {x}, y)), (Numbers{0, 2, 3, 0, 0, 6, 7, 0}));
  EXPECT_TRUE(refuses(TakeChannelsOp({.first = 3, .count = 2}), {x.shape()}, "has 4 channels; channels 3 to 4"));
}

}  // namespace convscope

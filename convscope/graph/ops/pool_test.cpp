#include "convscope/graph/ops/pool.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "convscope/graph/ops/single_op_testing.h"

namespace convscope {
using namespace testing_graph;

namespace {
using Numbers = std::vector<float>;

const Tensor kFiveByFive({1, 1, 5, 5}, {1,  2,  3,  4,  5,   //
                                        6,  7,  8,  9,  10,  //
                                        11, 12, 13, 14, 15,  //
                                        16, 17, 18, 19, 20,  //
                                        21, 22, 23, 24, 25});
}  // namespace

TEST(PooledExtent, IsPyTorchs) {
  EXPECT_EQ(pooled_extent(5, 2, 2, 0, false), 2);
  EXPECT_EQ(pooled_extent(5, 2, 2, 0, true), 3);
  EXPECT_EQ(pooled_extent(112, 3, 2, 1, false), 56);
  EXPECT_EQ(pooled_extent(32, 3, 2, 0, true), 16);
  // A fourth window would begin at 6 − 1 = 5, right of the picture: dropped.
  EXPECT_EQ(pooled_extent(5, 2, 2, 1, true), 3);
  EXPECT_EQ(pooled_extent(1, 2, 2, 0, false), 0);
  EXPECT_EQ(pooled_extent(2, 3, 2, 0, true), 1);
}

TEST(PooledExtent, InCeilModeAddsAtMostOneWindowAndEveryWindowHasAPixel) {
  for (int64_t extent = 1; extent <= 12; ++extent) {
    for (int64_t kernel = 1; kernel <= 5; ++kernel) {
      for (int64_t stride = 1; stride <= 5; ++stride) {
        for (int64_t pad = 0; pad <= kernel / 2; ++pad) {
          const int64_t floor = pooled_extent(extent, kernel, stride, pad, false), ceil = pooled_extent(extent, kernel, stride, pad, true);
          EXPECT_GE(ceil, floor);
          EXPECT_LE(ceil, floor + 1);
          EXPECT_LT((ceil - 1) * stride - pad, extent);
        }
      }
    }
  }
}

TEST(MaxPool, TakesTheLargestOfEachWindow) {
  EXPECT_EQ(numbers(output_of(MaxPoolOp(MaxPoolOptions{}), {kFiveByFive})), (Numbers{7, 9, 17, 19}));
}

TEST(MaxPool, InCeilModeTakesAWindowThatHangsOverTheEdge) {
  const Tensor y = output_of(MaxPoolOp({.ceil = true}), {kFiveByFive});
  EXPECT_EQ(y.shape(), (Shape{1, 1, 3, 3}));
  EXPECT_EQ(numbers(y), (Numbers{7, 9, 10, 17, 19, 20, 22, 24, 25}));
}

TEST(MaxPool, PaddingNeverWins) {
  const Tensor x({1, 1, 2, 2}, {-1, -2, -3, -4});
  EXPECT_EQ(numbers(output_of(MaxPoolOp({.kernel = 3, .stride = 2, .pad = 1}), {x})), Numbers{-1});
  const float lowest = -std::numeric_limits<float>::infinity();
  const Tensor nothing({1, 1, 2, 2}, {lowest, lowest, lowest, lowest});
  EXPECT_EQ(numbers(output_of(MaxPoolOp({.kernel = 2, .stride = 2, .pad = 1}), {nothing})), Numbers(4, lowest));
}

TEST(MaxPool, OfEqualNumbersTheFirstGetsTheGradient) {
  const MaxPoolOp pool(MaxPoolOptions{});
  const Tensor x({1, 2, 2, 2}, {0, 5, 5, 5,  //
                                3, 3, 3, 3});
  EXPECT_EQ(numbers(gradient_of(pool, {x}, Tensor({1, 2, 1, 1}, {7, 9}))), (Numbers{0, 7, 0, 0, 9, 0, 0, 0}));
}

TEST(MaxPool, OverlappingWindowsAddTheirGradients) {
  const MaxPoolOp pool(MaxPoolOptions{.kernel = 2, .stride = 1});
  const Tensor x({1, 1, 3, 3}, {0, 0, 0,  //
                                0, 1, 0,  //
                                0, 0, 0});
  EXPECT_EQ(numbers(gradient_of(pool, {x}, Tensor({1, 1, 2, 2}, {1, 2, 3, 4}))), (Numbers{0, 0, 0, 0, 10, 0, 0, 0, 0}));
}

TEST(MaxPool, ShowsANotANumber) {
  Tensor x = kFiveByFive;
  x[0] = std::nanf("");
  const Tensor y = output_of(MaxPoolOp(MaxPoolOptions{}), {x});
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ(y[1], 9);
}

TEST(MaxPool, RefusesWhatHasNoValue) {
  const Shape x{1, 1, 4, 4};
  EXPECT_TRUE(refuses(MaxPoolOp({.kernel = 5}), {x}, "kernel 5 does not fit into input [1, 1, 4, 4]"));
  EXPECT_TRUE(refuses(MaxPoolOp({.kernel = 3, .pad = 2}), {x}, "more than half"));
  EXPECT_TRUE(refuses(MaxPoolOp({.kernel = 0}), {x}, "kernel is 0"));
  EXPECT_TRUE(refuses(MaxPoolOp({.stride = -1}), {x}, "stride is -1"));
  EXPECT_TRUE(refuses(MaxPoolOp({.kernel = int64_t{1} << 62}), {x}, "kernel is"));
  EXPECT_TRUE(refuses(MaxPoolOp(MaxPoolOptions{}), {Shape{1, 16}}, "[1, 16] is not a batch of images"));
  EXPECT_TRUE(refuses(MaxPoolBackwardOp(MaxPoolOptions{}), {x, Shape{1, 1, 3, 3}}, "[1, 1, 2, 2] was wanted"));
}

TEST(AvgPool, CountsThePaddingOrNot) {
  const Tensor x({1, 1, 2, 2}, {4, 8, 12, 16});
  const AvgPoolOptions options{.kernel = 2, .stride = 2, .pad = 1};
  EXPECT_EQ(numbers(output_of(AvgPoolOp(options), {x})), (Numbers{1, 2, 3, 4}));
  AvgPoolOptions pixels_only = options;
  pixels_only.count_include_pad = false;
  EXPECT_EQ(numbers(output_of(AvgPoolOp(pixels_only), {x})), (Numbers{4, 8, 12, 16}));
}

TEST(AvgPool, NeverCountsWhatLiesBeyondThePadding) {
  // The last windows hang over: 2 × 1, 1 × 2 and 1 × 1 pixels.
  const Tensor y = output_of(AvgPoolOp({.ceil = true}), {kFiveByFive});
  EXPECT_EQ(numbers(y), (Numbers{4, 6, 7.5, 14, 16, 17.5, 21.5, 23.5, 25}));

  // Kernel 3, pad 1, ceil on 4 pixels: the last window is at 3 to 5, of which 3 is a pixel, 4 is padding, and 5 is beyond.
  const Tensor row({1, 1, 1, 4}, {1, 2, 3, 12});
  const AvgPoolOptions hanging{.kernel = 3, .stride = 2, .pad = 1, .ceil = true};
  EXPECT_EQ(numbers(output_of(AvgPoolOp(hanging), {row})), (Numbers{3.0f / 9, 17.0f / 9, 12.0f / 6}));
}

TEST(AvgPool, ItsGradientSharesByTheSameDivisor) {
  const Tensor row({1, 1, 1, 4}, {1, 2, 3, 12});
  const Tensor dy({1, 1, 1, 3}, {9, 18, 36});
  AvgPoolOptions options{.kernel = 3, .stride = 2, .pad = 1, .ceil = true};
  EXPECT_EQ(numbers(gradient_of(AvgPoolOp(options), {row}, dy)), (Numbers{1, 1 + 2, 2, 2 + 6}));
  options.count_include_pad = false;
  EXPECT_EQ(numbers(gradient_of(AvgPoolOp(options), {row}, dy)), (Numbers{4.5, 4.5 + 6, 6, 6 + 36}));
}

TEST(AvgPool, ItsGradientKnowsThePlaneThatWasPooled) {
  const Tensor dx = gradient_of(AvgPoolOp(AvgPoolOptions{}), {kFiveByFive}, Tensor({1, 1, 2, 2}, {4, 8, 12, 16}));
  EXPECT_EQ(numbers(dx), (Numbers{1, 1, 2, 2, 0,  //
                                  1, 1, 2, 2, 0,  //
                                  3, 3, 4, 4, 0,  //
                                  3, 3, 4, 4, 0,  //
                                  0, 0, 0, 0, 0}));
  AvgPoolBackwardOptions other;
  other.rows = other.columns = 7;
  EXPECT_TRUE(refuses(AvgPoolBackwardOp(other), {Shape{1, 1, 2, 2}}, "[1, 1, 3, 3] was wanted"));
}

TEST(GlobalAvgPool, IsTheMeanOfEachPlaneAndSharesItsGradientEvenly) {
  const Tensor x({1, 2, 1, 2}, {1, 3, 10, 20});
  EXPECT_EQ(numbers(output_of(GlobalAvgPoolOp(NoOptions{}), {x})), (Numbers{2, 15}));
  const Tensor dx = gradient_of(GlobalAvgPoolOp(NoOptions{}), {x}, Tensor({1, 2, 1, 1}, {2, 8}));
  EXPECT_EQ(numbers(dx), (Numbers{1, 1, 4, 4}));
}

}  // namespace convscope

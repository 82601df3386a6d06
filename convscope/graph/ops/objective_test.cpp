#include "convscope/graph/ops/objective.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/graph/ops/single_op_testing.h"

namespace convscope {
using namespace testing_graph;

namespace {
using Numbers = std::vector<float>;

const Tensor kOne({1}, {1});

float loss(const CrossEntropyOptions& options, const Tensor& x, const Tensor& labels) {
  return output_of(CrossEntropyOp(options), {x, labels})[0];
}

Tensor slope(const CrossEntropyOptions& options, const Tensor& x, const Tensor& labels, const Tensor& upstream = kOne) {
  return gradient_of(CrossEntropyOp(options), {x, labels}, upstream);
}

template <typename T>
std::string message(const T& op, const std::vector<Tensor>& inputs, const RunContext& context = {}) {
  try {
    output_of(op, inputs, context);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}
}  // namespace

TEST(CrossEntropy, OfEqualLogitsIsTheLogarithmOfTheClasses) {
  EXPECT_FLOAT_EQ(loss({}, Tensor(Shape{3, 10}), Tensor({3}, {0, 4, 9})), std::log(10.0f));
  EXPECT_FLOAT_EQ(loss({.reduction = "sum"}, Tensor(Shape{3, 10}), Tensor({3}, {0, 4, 9})), 3 * std::log(10.0f));
}

TEST(CrossEntropy, IsExactForLogitsWhoseExponentialsOverflowOrVanish) {
  const Tensor x({2, 2}, {1000, -1000, 1000, -1000});
  EXPECT_EQ(loss({.reduction = "sum"}, x, Tensor({2}, {0, 1})), 2000);
  EXPECT_EQ(numbers(slope({.reduction = "sum"}, x, Tensor({2}, {0, 1}))), (Numbers{0, 0, 1, -1}));
  // −log(1 / (1 + e^−20)) = 2.06e-9 is below what 1 − p can tell from 0 in f32.
  EXPECT_FLOAT_EQ(loss({}, Tensor({1, 2}, {20, 0}), Tensor({1}, {0})), static_cast<float>(std::log1p(std::exp(-20.0))));
}

TEST(CrossEntropy, ItsGradientIsProbabilityMinusTargetTimesWhatComesDown) {
  const float log3 = std::log(3.0f);
  const Tensor x({2, 2}, {0, log3, log3, 0}), labels({2}, {1, 1}), upstream({1}, {8});
  const Tensor mean = slope({}, x, labels, upstream), sum = slope({.reduction = "sum"}, x, labels, upstream);
  const Numbers expected = {1, -1, 3, -3};
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_FLOAT_EQ(mean[i], expected[static_cast<size_t>(i)]);
    EXPECT_FLOAT_EQ(sum[i], 2 * expected[static_cast<size_t>(i)]);
  }
}

TEST(CrossEntropy, SmoothingSpreadsItsShareOverAllClasses) {
  const Tensor x({1, 4}, {0.5f, -1, 2, 0}), label({1}, {2});
  double exponentials = 0;
  for (const float v : x.span()) exponentials += std::exp(static_cast<double>(v));
  const double log_sum = std::log(exponentials), s = 0.1;
  double expected = 0;
  for (int64_t y = 0; y < 4; ++y) expected -= ((y == 2 ? 1 - s : 0) + s / 4) * (x[y] - log_sum);
  EXPECT_FLOAT_EQ(loss({.smoothing = s}, x, label), static_cast<float>(expected));

  const Tensor dx = slope({.smoothing = s}, x, label);
  for (int64_t y = 0; y < 4; ++y) EXPECT_NEAR(dx[y], std::exp(x[y] - log_sum) - ((y == 2 ? 1 - s : 0) + s / 4), 1e-7);
}

TEST(CrossEntropy, OfASecondSoftmaxCannotFallBelowItsFloor) {
  const auto sure = [](int64_t classes) {
    Tensor x(Shape{1, classes});
    x[0] = 100;
    return loss({.of = "softmax-twice"}, x, Tensor({1}, {0}));
  };
  EXPECT_NEAR(sure(10), 1.46115, 1e-5);  // log(e + Y − 1) − 1
  EXPECT_NEAR(sure(5), 0.90483, 1e-5);
}

TEST(CrossEntropy, OfASecondSoftmaxHasTheSlopeOfItsDefinition) {
  const CrossEntropyOptions options{.of = "softmax-twice", .reduction = "sum", .smoothing = 0.2};
  const Tensor x({2, 3}, {0.3f, -0.7f, 1.1f, 2, 0, -1}), labels({2}, {1, 0});
  const Tensor dx = slope(options, x, labels);
  constexpr float kStep = 1e-2f;
  for (int64_t i = 0; i < x.size(); ++i) {
    Tensor up = x, down = x;
    up[i] += kStep;
    down[i] -= kStep;
    EXPECT_NEAR(dx[i], (loss(options, up, labels) - loss(options, down, labels)) / (2 * kStep), 1e-4);
  }
}

TEST(CrossEntropy, OfProbabilitiesAddsTheFloorBeforeTheLogarithm) {
  const Tensor p({1, 3}, {0.25f, 0.75f, 0});
  EXPECT_FLOAT_EQ(loss({.of = "probabilities"}, p, Tensor({1}, {0})), std::log(4.0f));  // log 0 of the third class counts nothing
  EXPECT_FLOAT_EQ(loss({.of = "probabilities", .floor = 1e-7}, p, Tensor({1}, {2})), static_cast<float>(-std::log(1e-7)));
  EXPECT_EQ(numbers(slope({.of = "probabilities"}, p, Tensor({1}, {0}))), (Numbers{-4, 0, 0}));
  EXPECT_FLOAT_EQ(slope({.of = "probabilities", .floor = 1e-7}, p, Tensor({1}, {2}))[2], -1e7f);
}

TEST(CrossEntropy, NamesTheSampleAndItsLabelThatIsNoClass) {
  const CrossEntropyOp op(CrossEntropyOptions{});
  const std::vector<int64_t> samples = {12, 345};
  const Tensor x(Shape{2, 5});
  EXPECT_EQ(message(op, {x, Tensor({2}, {0, 5})}, {.seed = 0, .epoch = 0, .samples = samples}),
            "cross-entropy: sample 345 has the label 5; a whole number from 0 to 4 was wanted, one of the network's 5 classes");
  for (const float wrong : {-1.0f, 0.5f, std::nanf("")}) EXPECT_NE(message(op, {x, Tensor({2}, {wrong, 0})}), "") << wrong;
}

TEST(CrossEntropy, RefusesOptionsThatSayNothing) {
  const std::vector<Shape> in = {{2, 3}, {2}};
  EXPECT_TRUE(refuses(CrossEntropyOp({.of = "logit"}), in, "did you mean 'logits'"));
  EXPECT_TRUE(refuses(CrossEntropyOp({.reduction = "median"}), in, "no reduction 'median'"));
  EXPECT_TRUE(refuses(CrossEntropyOp({.smoothing = 1.5}), in, "smoothing is 1.5"));
  EXPECT_TRUE(refuses(CrossEntropyOp({.floor = 1e-7}), in, "a floor is for probabilities"));
  EXPECT_TRUE(refuses(CrossEntropyOp(CrossEntropyOptions{}), {{2, 3}, {3}}, "labels is [3]; [2] was wanted"));
  EXPECT_TRUE(refuses(CrossEntropyOp(CrossEntropyOptions{}), {{2, 3, 1, 1}, {2}}, "flatten first"));
}

TEST(Pick, SumsTheLabelsScoresAndTakesTheFirstLargestForMinusOne) {
  const Tensor x({3, 3}, {1, 2, 3, 40, 50, 60, 500, 700, 700}), labels({3}, {0, 2, -1});
  EXPECT_EQ(output_of(PickOp(NoOptions{}), {x, labels})[0], 1 + 60 + 700);
  EXPECT_EQ(numbers(gradient_of(PickOp(NoOptions{}), {x, labels}, Tensor({1}, {2}))), (Numbers{2, 0, 0, 0, 0, 2, 0, 2, 0}));
}

TEST(Pick, NamesTheSampleAndItsLabelThatIsNoClass) {
  EXPECT_EQ(message(PickOp(NoOptions{}), {Tensor(Shape{1, 3}), Tensor({1}, {-2})}),
            "pick: sample 0 has the label -2; a whole number from -1 to 2 was wanted, one of the network's 3 classes");
}

}  // namespace convscope

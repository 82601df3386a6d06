#include "convscope/graph/ops/activation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/single_op_testing.h"

namespace convscope {
using namespace testing_graph;

namespace {
using Numbers = std::vector<float>;

Tensor all(Shape shape, float value) {
  Tensor t(shape);
  fill(t, value);
  return t;
}
}  // namespace

TEST(Relu, CutsAtZeroAndShowsANotANumber) {
  const Tensor y = output_of(ReluOp(NoOptions{}), {Tensor({4}, {-2, 0, 3, std::nanf("")})});
  EXPECT_EQ(numbers(y)[0], 0);
  EXPECT_EQ(numbers(y)[1], 0);
  EXPECT_EQ(numbers(y)[2], 3);
  EXPECT_TRUE(std::isnan(y[3]));
}

TEST(Relu, ItsGradientAtZeroIsZero) {
  const Tensor dx = gradient_of(ReluOp(NoOptions{}), {Tensor({1, 3}, {-2, 0, 3})}, Tensor({1, 3}, {5, 6, 7}));
  EXPECT_EQ(numbers(dx), (Numbers{0, 0, 7}));
}

TEST(Relu, ItsGradientAddsAllThatComesDown) {
  const ActivationBackwardOp backward(Activation{}, 2);
  const Tensor y({1, 2}, {0, 1}), a({1, 2}, {1, 2}), b({1, 2}, {10, 20});
  EXPECT_EQ(numbers(output_of(backward, {y, a, b})), (Numbers{0, 22}));
  EXPECT_THROW(output_of(backward, {y, a}), Error);
  EXPECT_TRUE(refuses(backward, {{1, 2}, {1, 2}, {2, 1}}, "a gradient is [2, 1]"));
  EXPECT_TRUE(refuses(ActivationBackwardOp(Activation{}, 0), {{1, 2}}, "upstreams is 0"));
}

TEST(Relu, LetsNothingThroughWhereItIsClosed) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(numbers(output_of(ActivationBackwardOp(Activation{}), {Tensor({3}, {0, 0, 1}), Tensor({3}, {infinity, std::nanf(""), 2})})),
            (Numbers{0, 0, 2}));
}

TEST(Activation, IsTheOneThatItsOpDoes) {
  for (const char* kind : {"relu", "relu6", "leaky-relu", "elu", "celu", "selu", "tanh", "sigmoid", "clamp"}) {
    const auto op = ops().make(kind);
    const Activation f = dynamic_cast<const HasActivation&>(*op).activation();
    EXPECT_EQ(f.name(), kind);
    EXPECT_EQ(f.op()->kind(), kind);
    EXPECT_EQ(f.op()->options(), op->options());
  }
}

TEST(ActivationInPassing, IsWrittenAsNetworksAlwaysHadIt) {
  EXPECT_EQ(Conv2dOp(Conv2dOptions{}).options().at("relu"), Json(false));
  EXPECT_EQ(Conv2dOp({.activation = Activation{}}).options().at("relu"), Json(true));
  const auto read = [](const Json& relu) { return as<LinearOp>(*ops().make("linear", {{"relu", relu}}))->get().activation; };
  EXPECT_EQ(read(false), std::nullopt);
  EXPECT_EQ(read(true), Activation{});
  EXPECT_EQ(read({{"of", "leaky-relu"}, {"tuning", 0.5}}), (Activation{Activation::kLeakyRelu, 0.5}));
}

TEST(ActivationInPassing, RefusesWhatIsNone) {
  const auto refused = [](const Json& relu, std::string_view what) { EXPECT_THROW_SAYING(ops().make("linear", {{"relu", relu}}), what); };
  refused("tanh", "is true, false or an object");
  refused({{"of", "tanj"}}, "did you mean 'tanh'?");
  refused({{"of", "elu"}, {"tuning", -1}}, "elu takes a slope or alpha of 0 or more, got -1");
  refused({{"off", "elu"}}, "no option 'off'");
}

TEST(Activation, ShowsANotANumber) {
  const auto shows = [](const Op& op) {
    const Tensor x({1}, {std::nanf("")});
    Tensor y({1});
    const Tensor* in = &x;
    Tensor* out = &y;
    op.run({&in, 1}, {&out, 1}, {});
    return std::isnan(y[0]);
  };
  for (const char* kind : {"relu", "relu6", "leaky-relu", "elu", "celu", "selu", "tanh", "sigmoid", "clamp"})
    EXPECT_TRUE(shows(*ops().make(kind))) << kind;
}

TEST(Activation, RefusesATuningThatWouldGiveOneResultToTwoNumbers) {
  EXPECT_TRUE(refuses(LeakyReluOp({.slope = -0.1}), {{1, 4}}, "leaky-relu takes a slope or alpha of 0 or more, got -0.1"));
  EXPECT_TRUE(refuses(EluOp({.alpha = std::nan("")}), {{1, 4}}, "got nan"));
  EXPECT_TRUE(refuses(CeluOp({.alpha = 0}), {{1, 4}}, "celu takes an alpha above 0, got 0"));
}

TEST(Clamp, KeepsTheNumbersBetweenItsLimitsToTheBit) {
  const Tensor x({5}, {-1e30f, -65504, 0.1234567f, 1e-30f, 7e4f});
  EXPECT_EQ(numbers(output_of(ClampOp({.low = -65504, .high = 65504}), {x})), (Numbers{-65504, -65504, 0.1234567f, 1e-30f, 65504}));
  EXPECT_EQ(numbers(gradient_of(ClampOp({.low = -65504, .high = 65504}), {x}, all({5}, 2))), (Numbers{0, 0, 2, 2, 0}));
  // A limit that F32 does not hold: what was cut has no slope all the same.
  for (const auto& [low, high] : {std::pair(0.1, 0.7), {-0.7, -0.1}, {0.6, 6.0}, {-0.6, -0.3}})
    EXPECT_EQ(
        numbers(gradient_of(ClampOp({.low = low, .high = high}), {Tensor({3}, {-9, static_cast<float>(low + high) / 2, 9})}, all({3}, 1))),
        (Numbers{0, 1, 0}));
}

TEST(Clamp, RefusesLimitsInTheWrongOrderOrThatAreNone) {
  EXPECT_TRUE(refuses(ClampOp({.low = 1, .high = -1}), {{1, 4}}, "the lower one first, got 1 and -1"));
  EXPECT_TRUE(refuses(ClampOp({.low = std::nan(""), .high = 1}), {{1, 4}}, "got nan"));
}

TEST(ActivationBackward, NamesTheActivationsItKnows) {
  EXPECT_TRUE(refuses(ActivationBackwardOp({.of = "gelu"}), {{1, 4}, {1, 4}}, "no activation 'gelu'"));
}

TEST(Celu, HasNoJumpInItsSlopeAtZero) {
  constexpr float kClose = 1e-4f;
  for (const double alpha : {0.075, 0.3, 2.0}) {
    const Tensor x({4}, {-kClose, kClose, -1, 2});
    const Tensor y = output_of(CeluOp({.alpha = alpha}), {x}), dx = gradient_of(CeluOp({.alpha = alpha}), {x}, all({4}, 1));
    EXPECT_NEAR(dx[0], dx[1], 2 * kClose / alpha) << alpha;
    EXPECT_FLOAT_EQ(y[2], static_cast<float>(alpha * (std::exp(-1 / alpha) - 1)));
    EXPECT_NEAR(dx[2], std::exp(-1 / alpha), 1e-6) << alpha;
    EXPECT_EQ(y[3], 2);
    EXPECT_EQ(dx[3], 1);
  }
}

TEST(Selu, KeepsMeanZeroAndVarianceOne) {
  Tensor x({1 << 16});
  for (int64_t i = 0; i < x.size(); ++i) x[i] = RandomStream(1, "normal").normal(static_cast<uint64_t>(i));
  const Tensor y = output_of(SeluOp(NoOptions{}), {x});
  double mean = 0, square = 0;
  for (const float v : y.span()) {
    mean += v / static_cast<double>(y.size());
    square += static_cast<double>(v) * v / static_cast<double>(y.size());
  }
  EXPECT_NEAR(mean, 0, 0.02);  // 5 standard deviations of the mean
  EXPECT_NEAR(square, 1, 0.03);
}

TEST(PRelu, HasASlopeForEachChannelOrOneForAll) {
  const Tensor x({1, 2, 1, 2}, {-1, 2, -3, 4});
  EXPECT_EQ(numbers(output_of(PReluOp(NoOptions{}), {x, Tensor({1}, {0.5})})), (Numbers{-0.5, 2, -1.5, 4}));
  EXPECT_EQ(numbers(output_of(PReluOp(NoOptions{}), {x, Tensor({2}, {0.5, -1})})), (Numbers{-0.5, 2, 3, 4}));
  EXPECT_TRUE(refuses(PReluOp(NoOptions{}), {{1, 2, 1, 2}, {3}}, "[1] or [2] was wanted"));
}

TEST(RRelu, DrawsItsSlopesEvenlyBetweenItsBounds) {
  const RReluOp rrelu({.lower = 0.2, .upper = 0.6, .stream = "slopes"});
  const Tensor y = output_of(rrelu, {all({8, 4, 32, 32}, -1)}, {.seed = 1, .epoch = 0, .samples = {}});
  double mean = 0;
  for (const float v : y.span()) {
    EXPECT_TRUE(v <= -0.2f && v > -0.6f) << v;
    mean += v / static_cast<double>(y.size());
  }
  EXPECT_NEAR(mean, -rrelu.mean_slope(), 0.003);  // 5 standard deviations of the mean of 32 768 draws
  EXPECT_EQ(numbers(output_of(rrelu, {all({2, 3}, 4)})), Numbers(6, 4));
}

TEST(RRelu, TheSlopesAreTheSamplesWhateverTheBatch) {
  const RReluOp rrelu({.stream = "slopes"});
  const std::vector<int64_t> samples = {7, 3, 11}, shuffled = {11, 7};
  const Tensor whole = output_of(rrelu, {all({3, 64}, -1)}, {.seed = 1, .epoch = 2, .samples = samples});
  const Tensor part = output_of(rrelu, {all({2, 64}, -1)}, {.seed = 1, .epoch = 2, .samples = shuffled});
  EXPECT_TRUE(std::ranges::equal(part.row(0), whole.row(2)));
  EXPECT_TRUE(std::ranges::equal(part.row(1), whole.row(0)));
  EXPECT_FALSE(std::ranges::equal(part.row(0), part.row(1)));
}

TEST(RRelu, ItsGradientHasTheSameSlopes) {
  const RReluOp rrelu(RReluOptions{.stream = "slopes"});
  const Tensor x = all({2, 3, 4, 4}, -1), ones = all({2, 3, 4, 4}, 1);
  const RunContext context{.seed = 3, .epoch = 4, .samples = {}};
  const Tensor y = output_of(rrelu, {x}, context), dx = gradient_of(rrelu, {x}, ones, context);
  for (int64_t i = 0; i < y.size(); ++i) EXPECT_EQ(dx[i], -y[i]);
}

TEST(RRelu, RefusesBoundsInTheWrongOrderOrBelowZero) {
  EXPECT_TRUE(refuses(RReluOp({.lower = 0.5, .upper = 0.2}), {{1, 4}}, "slopes from 0.5 to 0.2"));
  EXPECT_TRUE(refuses(RReluOp({.lower = -0.1, .upper = 0.2}), {{1, 4}}, "slopes from -0.1 to 0.2"));
}

}  // namespace convscope

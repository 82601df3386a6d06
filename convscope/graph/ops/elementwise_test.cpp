#include "convscope/graph/ops/elementwise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "convscope/graph/ops/single_op_testing.h"

namespace convscope {
using namespace testing_graph;

namespace {
using Numbers = std::vector<float>;

Tensor ones(Shape shape) {
  Tensor t(shape);
  fill(t, 1);
  return t;
}

double share_of_zeros(const Tensor& t) {
  return static_cast<double>(std::count(t.span().begin(), t.span().end(), 0.0f)) / static_cast<double>(t.size());
}
}  // namespace

TEST(Add, GivesItsGradientToBothSides) {
  Graph graph;
  const auto input = std::make_shared<InputOp>(InputOptions{{1, 2}});
  const Value a = graph.add("a", input, {}), b = graph.add("b", input, {}), dy = graph.add("dy", input, {});
  const Value sum = graph.add("sum", std::make_shared<AddOp>(NoOptions{}), {a, b});
  GradientSite both(graph, sum.node, {dy}, {true, true});
  graph.node(sum).op->gradient(both);
  EXPECT_EQ(both.given()[0], dy);
  EXPECT_EQ(both.given()[1], dy);
  GradientSite second(graph, sum.node, {dy}, {false, true});
  graph.node(sum).op->gradient(second);
  EXPECT_FALSE(second.given()[0].has_value());
}

TEST(Add, NamesBothShapesThatDiffer) {
  EXPECT_TRUE(refuses(AddOp(NoOptions{}), {{1, 16, 8, 8}, {1, 32, 8, 8}}, "[1, 16, 8, 8] and [1, 32, 8, 8]"));
}

TEST(Dropout, DropsItsShareAndKeepsTheMean) {
  const DropoutOp dropout({.rate = 0.3, .stream = "drop"});
  const Tensor y = output_of(dropout, {ones({8, 4, 32, 32})}, {.seed = 1, .epoch = 0, .samples = {}});
  EXPECT_NEAR(share_of_zeros(y), 0.3, 0.01);  // 4 standard deviations of 32 768 draws
  for (const float v : y.span()) EXPECT_TRUE(v == 0 || v == static_cast<float>(1 / 0.7));
}

TEST(Dropout, OfRateZeroIsTheIdentity) {
  const Tensor x({1, 4}, {1, -2, 3, 0.1f});
  EXPECT_EQ(numbers(output_of(DropoutOp({.rate = 0}), {x})), numbers(x));
  EXPECT_TRUE(DropoutOp({.rate = 0}).keeps(0));  // the smallest number that a stream gives
}

TEST(Dropout, TheMaskIsTheSamplesWhateverTheBatch) {
  const DropoutOp dropout({.rate = 0.5, .stream = "drop"});
  const std::vector<int64_t> samples = {7, 3, 11, 5}, shuffled = {5, 7};
  const Tensor whole = output_of(dropout, {ones({4, 64})}, {.seed = 1, .epoch = 2, .samples = samples});
  const Tensor part = output_of(dropout, {ones({2, 64})}, {.seed = 1, .epoch = 2, .samples = shuffled});
  EXPECT_TRUE(std::ranges::equal(part.row(0), whole.row(3)));
  EXPECT_TRUE(std::ranges::equal(part.row(1), whole.row(0)));
}

TEST(Dropout, TheMaskChangesWithSeedEpochStreamAndSample) {
  const auto mask = [](std::string stream, uint64_t seed, uint64_t epoch) {
    const RunContext context{.seed = seed, .epoch = epoch, .samples = {}};
    return numbers(output_of(DropoutOp({.rate = 0.5, .stream = std::move(stream)}), {ones({2, 64})}, context));
  };
  const Numbers base = mask("drop", 1, 1);
  EXPECT_EQ(base, mask("drop", 1, 1));
  EXPECT_NE(base, mask("drop", 2, 1));
  EXPECT_NE(base, mask("drop", 1, 2));
  EXPECT_NE(base, mask("drop2", 1, 1));
  EXPECT_NE(Numbers(base.begin(), base.begin() + 64), Numbers(base.begin() + 64, base.end()));
}

TEST(Dropout, ItsGradientHasTheSameMask) {
  const DropoutOp dropout(DropoutOptions{.rate = 0.5, .stream = "drop"});
  const std::vector<int64_t> samples = {40, 2};
  const RunContext context{.seed = 3, .epoch = 4, .samples = samples};
  const Tensor x = ones({2, 3, 4, 4});
  EXPECT_EQ(numbers(gradient_of(dropout, {x}, x, context)), numbers(output_of(dropout, {x}, context)));
}

TEST(Dropout, RefusesARateThatLeavesNothing) {
  EXPECT_TRUE(refuses(DropoutOp({.rate = 1}), {{1, 4}}, "rate is 1"));
  EXPECT_TRUE(refuses(DropoutOp({.rate = -0.1}), {{1, 4}}, "rate is -0.1"));
  EXPECT_TRUE(refuses(DropoutOp({.rate = std::nan("")}), {{1, 4}}, "rate is nan"));
}

TEST(Softmax, IsExactWhereExponentialsWouldOverflow) {
  const float log3 = std::log(3.0f);
  const Tensor p = output_of(SoftmaxOp(NoOptions{}), {Tensor({2, 2}, {1000, 1000, 0, log3})});
  EXPECT_FLOAT_EQ(p[0], 0.5f);
  EXPECT_FLOAT_EQ(p[2], 0.25f);
  EXPECT_FLOAT_EQ(p[3], 0.75f);
}

TEST(Softmax, ItsGradientIsTheJacobianTimesWhatComesDown) {
  const float log3 = std::log(3.0f);
  const Tensor dx = gradient_of(SoftmaxOp(NoOptions{}), {Tensor({1, 2}, {0, log3})}, Tensor({1, 2}, {1, 0}));
  EXPECT_FLOAT_EQ(dx[0], 0.1875f);  // p (1 − p) with p = 1/4
  EXPECT_FLOAT_EQ(dx[1], -0.1875f);
}

TEST(Softmax, RefusesWhatHasNoClasses) {
  EXPECT_TRUE(refuses(SoftmaxOp(NoOptions{}), {{1, 3, 2, 2}}, "[1, 3, 2, 2] is not a batch of scores"));
}

}  // namespace convscope

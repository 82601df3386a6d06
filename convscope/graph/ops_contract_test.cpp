// Holds for every row of the table of ops, also for the one you are adding: give it a case in op_cases_testing.h.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "convscope/base/base_testing.h"
#include "convscope/base/threads.h"
#include "convscope/graph/graph_testing.h"
#include "convscope/graph/op_cases_testing.h"

namespace convscope {
using namespace testing_graph;

namespace {

/** Half the way of the central difference: below the spacing of a case's numbers, so that a pool's winner stays the winner. */
constexpr double kStep = 0.4 * kSpacing;
/** Slope against central difference, relative to the largest slope: kStep² of the third derivative, and f32 outputs over 2 kStep. */
constexpr double kSlope = 1e-3;
/** Share of the outputs that may lie so near a ReLU's corner that they have no central difference. */
constexpr double kAtCorners = 0.25;

std::string test_name(std::string text) {
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return text;
}

std::vector<OpCase> cases_of(std::string_view op) {
  std::vector<OpCase> all;
  for (const OpCase& c : op_cases())
    if (c.op == op) all.push_back(c);
  return all;
}

Tensor random_upstream(const Shape& shape) {
  const RandomStream random(2, "upstream");
  Tensor t(shape);
  for (int64_t i = 0; i < t.size(); ++i) t[i] = random.uniform(static_cast<uint64_t>(i)) * 2 - 1;
  return t;
}

double dot(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (int64_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

/** Takes away the upstream of every output that a ReLU opened or closed on the way from `a` to `b`. */
void mute_corners(const Tensor& a, const Tensor& b, Tensor& upstream) {
  for (int64_t i = 0; i < a.size(); ++i)
    if ((a[i] == 0) != (b[i] == 0)) upstream[i] = 0;
}

const std::array<int64_t, 2> kSamples = {7, 3};  // not the places in the batch: dropout depends on them

RunContext context_of(const OpCase& c) {
  RunContext context{.seed = 5, .epoch = 2, .samples = {}};
  if (!c.inputs.empty() && c.inputs[0].shape[0] == static_cast<int64_t>(kSamples.size())) context.samples = kSamples;
  return context;
}

}  // namespace

class EveryOp : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryOp, ::testing::ValuesIn(ops().names()), [](const auto& row) { return test_name(row.param); });

TEST_P(EveryOp, HasACase) { EXPECT_FALSE(cases_of(GetParam()).empty()) << "give it one in op_cases_testing.h"; }

TEST_P(EveryOp, IsCalledAsItsRowIsAndSaysWhatItDoes) {
  EXPECT_EQ(ops().make(GetParam())->kind(), GetParam());
  EXPECT_FALSE(ops().at(GetParam()).summary.empty());
}

TEST_P(EveryOp, HasACaseWithASlopeIfItHasAGradient) {
  for (const OpCase& c : cases_of(GetParam())) {
    const std::vector<bool> slopes = c.slopes();
    if (std::find(slopes.begin(), slopes.end(), true) != slopes.end()) return;
  }
  for (const OpCase& c : cases_of(GetParam())) {
    Graph graph;
    std::vector<Value> inputs;
    for (const Shape& s : c.shapes())
      inputs.push_back(
          graph.add(std::to_string(inputs.size()), std::make_shared<InputOp>(InputOptions{{s.extents().begin(), s.extents().end()}}), {}));
    const auto op = c.make();
    const Value y = graph.add("op", op, inputs);
    GradientSite site(graph, y.node, {graph.node(y).shapes.size(), y}, std::vector<bool>(inputs.size(), true));
    EXPECT_THROW_SAYING(op->gradient(site), "has no gradient");
  }
}

TEST_P(EveryOp, ComesBackFromItsOptionsAsJson) {
  for (const OpCase& c : cases_of(GetParam())) {
    const Json options = c.make()->options();
    EXPECT_EQ(ops().make(GetParam(), parse_json(options.dump(), "options"))->options(), options) << c.name;
    for (const auto& item : c.options.items()) EXPECT_EQ(options.at(item.key()), item.value()) << c.name;
  }
}

TEST_P(EveryOp, RefusesAnUnknownOption) { EXPECT_THROW_SAYING(ops().make(GetParam(), {{"no-such-option", 1}}), "no-such-option"); }

class EveryOpCase : public ::testing::TestWithParam<OpCase> {
 protected:
  // Thousands of runs, each too small to share.
  void SetUp() override { set_threads(1); }
  void TearDown() override { set_threads(before_); }

 private:
  int before_ = threads();
};
INSTANTIATE_TEST_SUITE_P(Cases, EveryOpCase, ::testing::ValuesIn(op_cases()),
                         [](const auto& c) { return test_name(c.param.op + "_" + c.param.name); });

TEST_P(EveryOpCase, RefusesAnInputMoreOrLess) {
  const auto op = GetParam().make();
  std::vector<Shape> shapes = GetParam().shapes();
  EXPECT_NO_THROW(op->shapes(shapes));
  shapes.push_back({1});
  EXPECT_THROW(op->shapes(shapes), Error);
  shapes.pop_back();
  if (shapes.empty()) return;
  shapes.pop_back();
  EXPECT_THROW(op->shapes(shapes), Error);
}

TEST_P(EveryOpCase, AnswersStrangeInputsWithShapesOrAnError) {
  const auto op = GetParam().make();
  const int64_t huge = int64_t{1} << 40;
  for (size_t i = 0; i < GetParam().inputs.size(); ++i)
    for (const Shape& strange :
         std::vector<Shape>{{}, {0}, {1}, {huge}, {1, 1}, {2, 0, 3, 3}, {1, huge, 1, 1}, {1, 1, 1, 1}, {2, 2, 2, 2, 2}}) {
      std::vector<Shape> shapes = GetParam().shapes();
      shapes[i] = strange;
      try {
        EXPECT_EQ(op->shapes(shapes).size(), op->shapes(GetParam().shapes()).size());
      } catch (const Error& e) {
        EXPECT_STRNE(e.what(), "");
      }
    }
}

TEST_P(EveryOpCase, MakesTheSameBytesWithAnyNumberOfThreads) {
  const OpCase& c = GetParam();
  if (c.inputs.empty()) return;
  const LoneOp lone(c.make(), c.shapes(), {});
  const std::vector<Tensor> alone = lone.run(numbers(c), context_of(c));
  set_threads(3);
  const std::vector<Tensor> together = lone.run(numbers(c), context_of(c));
  for (size_t i = 0; i < alone.size(); ++i) {
    EXPECT_EQ(max_difference(alone[i], together[i]), 0.0f);
    EXPECT_TRUE(all_finite(alone[i].span()));
  }
}

TEST_P(EveryOpCase, HasTheSlopeOfWhatItComputesAsItsGradient) {
  const OpCase& c = GetParam();
  const std::vector<bool> slopes = c.slopes();
  if (std::find(slopes.begin(), slopes.end(), true) == slopes.end()) return;
  const LoneOp lone(c.make(), c.shapes(), slopes);
  const RunContext context = context_of(c);
  std::vector<Tensor> inputs = numbers(c);
  const Tensor here = lone.run(inputs, context)[0];

  for (size_t k = 0; k < inputs.size(); ++k) {
    if (!slopes[k]) continue;
    SCOPED_TRACE(fmt::format("input {}", k));
    struct Step {
      float width;
      Tensor below, above;
    };
    std::vector<Step> steps;
    Tensor upstream = random_upstream(here.shape());
    for (int64_t i = 0; i < inputs[k].size(); ++i) {
      const float x = inputs[k][i], down = static_cast<float>(x - kStep), up = static_cast<float>(x + kStep);
      inputs[k][i] = down;
      Tensor below = lone.run(inputs, context)[0];
      inputs[k][i] = up;
      Tensor above = lone.run(inputs, context)[0];
      inputs[k][i] = x;
      mute_corners(here, below, upstream);
      mute_corners(here, above, upstream);
      steps.push_back({up - down, std::move(below), std::move(above)});
    }
    const auto muted = std::count(upstream.span().begin(), upstream.span().end(), 0.0f);
    EXPECT_LE(static_cast<double>(muted), kAtCorners * static_cast<double>(upstream.size()));

    const Tensor gradient = lone.gradient(k, inputs, upstream, context);
    ASSERT_EQ(gradient.shape(), inputs[k].shape());
    const double scale = max_abs(gradient.span());
    ASSERT_GT(scale, 0);
    for (int64_t i = 0; i < gradient.size(); ++i) {
      const Step& step = steps[static_cast<size_t>(i)];
      const double slope = (dot(step.above, upstream) - dot(step.below, upstream)) / step.width;
      ASSERT_NEAR(gradient[i], slope, kSlope * scale) << "element " << i;
    }
  }
}

TEST_P(EveryOpCase, GivesTheGradientOfOneInputAsWhenAllAreWanted) {
  const OpCase& c = GetParam();
  const std::vector<bool> slopes = c.slopes();
  const std::vector<Tensor> inputs = numbers(c);
  for (size_t k = 0; k < inputs.size(); ++k) {
    if (!slopes[k]) continue;
    std::vector<bool> only(slopes.size(), false);
    only[k] = true;
    const LoneOp all(c.make(), c.shapes(), slopes), one(c.make(), c.shapes(), only);
    const Tensor upstream = random_upstream(all.node().shapes[0]);
    EXPECT_EQ(max_difference(one.gradient(k, inputs, upstream, context_of(c)), all.gradient(k, inputs, upstream, context_of(c))), 0.0f);
    EXPECT_LE(one.graph().nodes().size(), all.graph().nodes().size());
  }
}

}  // namespace convscope

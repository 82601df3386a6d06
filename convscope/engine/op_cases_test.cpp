// Every case of every op, through the fast engine and the reference: the same results and the same gradients.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>

#include "convscope/base/machine.h"
#include "convscope/engine/program.h"
#include "convscope/graph/op_cases_testing.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/linear.h"

namespace convscope {
namespace {

using testing_graph::CaseInput;
using testing_graph::op_cases;
using testing_graph::OpCase;

/** A reduction over a few hundred terms in float, relative to the largest result. */
constexpr float kSum = 2e-5f;
/** Numbers of 8 bits, in the mean over a tensor: single ones may fall on the other side of a ReLU or lose a pool to a neighbour. */
constexpr double kBf16 = 3e-2;
/** Of the cases' numbers: one for which no sum lies within rounding of a ReLU's corner. */
constexpr uint64_t kSeed = 2;

/**
 * A network around one op. What has the batch's extent comes in as pictures do, what has another is a parameter. Where the op has a
 * gradient, a linear layer and cross-entropy stand behind it, so that different numbers come down to each of its results; an op that gives
 * one number is the objective itself.
 */
struct Around {
  Graph graph;
  Request request;
  std::map<std::string, Tensor> parameters, inputs;

  explicit Around(const OpCase& c, Precision precision) {
    const std::vector<Tensor> numbers = testing_graph::numbers(c, kSeed);
    const int64_t n = c.inputs[0].shape[0];
    request.batch = n;
    request.precision = precision;
    const auto op = c.make();
    const std::vector<bool> slopes = c.slopes();
    const bool slope = std::find(slopes.begin(), slopes.end(), true) != slopes.end();
    const bool objective = slope && op->shapes(c.shapes())[0] == Shape{1};

    std::vector<Value> values;
    for (size_t i = 0; i < numbers.size(); ++i) {
      const Shape& shape = c.inputs[i].shape;
      const std::string name = fmt::format("x{}", i);
      const bool of_batch = shape[0] == n && (shape.rank() > 1 || c.inputs[i].kind == CaseInput::kLabels);
      if (objective && i == 1) {
        inputs.emplace(kLabels, numbers[i]);
        request.label_distributions = shape.rank() == 2;
      } else if (of_batch) {
        values.push_back(add_input(name, shape));
        inputs.emplace(name, numbers[i]);
        if (slopes[i]) request.gradients.insert(name);
      } else {
        values.push_back(add_parameter(name, numbers[i], slopes[i]));
      }
    }

    if (objective) {
      graph.output = values[0];
      request.purpose = Purpose::explain;
      request.objective = Choice{c.op, c.options};
      return;
    }
    const Value y = graph.add("op", op, values);
    for (int o = 0; o < static_cast<int>(graph.node(y).shapes.size()); ++o) request.taps.insert(graph.name({y.node, o}));
    graph.output = y;
    if (!slope) return;
    Tensor weight({3, graph.shape(y).inner()});
    for (int64_t i = 0; i < weight.size(); ++i)
      weight[i] = RandomStream(3, "upstream").normal(static_cast<uint64_t>(i)) / std::sqrt(static_cast<float>(weight.shape()[1]));
    const Value read = add_parameter("upstream", weight, false);
    graph.output = graph.add("logits", std::make_shared<LinearOp>(LinearOptions{.bias = false}), {y, read});
    request.purpose = Purpose::train;
    request.objective = Choice{"cross-entropy"};
    Tensor labels({n});
    for (int64_t i = 0; i < n; ++i) labels[i] = static_cast<float>(i % 3);
    inputs.emplace(kLabels, labels);
  }

  /** What the engine makes of it, by name. */
  std::map<std::string, Tensor> run(const Choice& engine) const {
    const auto weights = std::make_shared<Weights>(graph, parameters);
    Request asked = request;
    if (engine.name == "reference") asked.precision = Precision::fp32;
    const auto program = engines().make(engine)->compile(graph, weights, asked);
    for (const auto& [name, tensor] : inputs) std::copy_n(tensor.data(), tensor.size(), program->input(name).data());
    std::vector<int64_t> samples(static_cast<size_t>(request.batch));
    std::iota(samples.rbegin(), samples.rend(), 7);
    program->run({.seed = 5, .epoch = 2, .samples = samples});

    std::map<std::string, Tensor> all{{"logits", program->logits()}};
    for (const std::string& tap : request.taps) all["tap " + tap] = program->tap(tap);
    for (const std::string& name : request.gradients) all["gradient of " + name] = program->gradient(name);
    if (request.objective) all["objective"] = Tensor({1}, {program->objective()});
    if (request.purpose == Purpose::train) {
      for (const auto& [name, tensor] : weights->to_plain(program->parameter_gradients())) all["gradient of " + name] = tensor;
      for (const auto& [name, tensor] : weights->tensors()) all["after the step " + name] = tensor;
    }
    return all;
  }

 private:
  Value add_input(const std::string& name, const Shape& shape) {
    return graph.add(name, std::make_shared<InputOp>(InputOptions{{shape.extents().begin(), shape.extents().end()}}), {});
  }
  Value add_parameter(const std::string& name, const Tensor& numbers, bool trained) {
    const auto extents = numbers.shape().extents();
    parameters.emplace(name, numbers);
    return graph.add(name, std::make_shared<ParameterOp>(ParameterOptions{{extents.begin(), extents.end()}, "zeros", trained}), {});
  }
};

/** ‖a − b‖ / ‖b‖. */
double distance(const Tensor& a, const Tensor& b) {
  double difference = 0, size = 1e-30;
  for (int64_t i = 0; i < b.size(); ++i) {
    difference += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
    size += static_cast<double>(b[i]) * b[i];
  }
  return std::sqrt(difference / size);
}

std::vector<OpCase> cases_with_inputs() {
  std::vector<OpCase> all;
  std::copy_if(op_cases().begin(), op_cases().end(), std::back_inserter(all), [](const OpCase& c) { return !c.inputs.empty(); });
  return all;
}

class EveryOpCaseInTheFastEngine : public testing::TestWithParam<OpCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, EveryOpCaseInTheFastEngine, testing::ValuesIn(cases_with_inputs()), [](const auto& c) {
  std::string name = c.param.op + "_" + c.param.name;
  for (char& letter : name)
    if (!std::isalnum(static_cast<unsigned char>(letter))) letter = '_';
  return name;
});

TEST_P(EveryOpCaseInTheFastEngine, GivesTheReferencesResultsAndGradients) {
  const Around around(GetParam(), Precision::fp32);
  const auto exact = around.run({"reference"}), fast = around.run({"onednn", {{"slice", -1}}});
  for (const auto& [what, tensor] : exact) EXPECT_LE(relative_error(fast.at(what), tensor), kSum) << what;
}

TEST_P(EveryOpCaseInTheFastEngine, StaysNearThemInBf16) {
  if (!machine().bf16) GTEST_SKIP() << "this processor has no bf16";
  const Around around(GetParam(), Precision::bf16);
  const auto exact = around.run({"reference"}), fast = around.run({"onednn", {{"slice", -1}}});
  for (const auto& [what, tensor] : exact) EXPECT_LE(distance(fast.at(what), tensor), kBf16) << what;
}

}  // namespace
}  // namespace convscope

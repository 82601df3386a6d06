// Small networks of ONNX's operators, and what ONNX Runtime makes of them (tools/make_onnx_operator_fixtures.py).
#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/file.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/base/json.h"
#include "convscope/graph/graph_testing.h"
#include "convscope/graph/ops/objective.h"
#include "convscope/graph/passes.h"
#include "convscope/models/onnx/export.h"
#include "convscope/models/onnx/import.h"

namespace convscope {
namespace {

const Path kFixtures = Path(CONVSCOPE_FIXTURES) / "onnx";
/** Both compute in float32, each in an order of its own. */
constexpr double kOtherOrder = 1e-4;
/** What 8 bits round is not rounded here. */
constexpr double kNotRounded = 2e-3;

Json expected() { return parse_json(read_file(kFixtures / "expected.json"), "expected.json"); }

std::vector<std::string> names() {
  std::vector<std::string> all;
  const Json rows = expected();
  for (const auto& [name, row] : rows.items()) all.push_back(name);
  return all;
}

Tensor picture(const Shape& image, bool levels) {
  Tensor x({1, image[0], image[1], image[2]});
  for (int64_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 37 % 101) / 101.0f;
  // Of 8 bits: 0 … 255 as pixels in [0, 1].
  if (levels)
    for (float& v : x.span()) v = std::nearbyint(v * 255) / 255;
  return x;
}

Tensor logits(const Checkpoint& c, const Tensor& x) {
  const Graph graph = for_inference(c.graph);
  std::map<std::string, Tensor> fed = c.tensors;
  fed[std::string(kPixels)] = x;
  return testing_graph::in(testing_graph::walk(graph, fed), graph.output);
}

double largest(const Tensor& t) {
  double most = 0;
  for (const float v : t.span()) most = std::max(most, static_cast<double>(std::abs(v)));
  return most;
}

class EveryOnnxNetwork : public testing::TestWithParam<std::string> {
 protected:
  Json row() const { return expected()[GetParam()]; }
  Checkpoint network() const { return load_onnx_network(kFixtures / (GetParam() + ".onnx")); }
  Tensor x() const { return picture(Shape(row()["image"].get<std::vector<int64_t>>()), row()["levels"].get<bool>()); }
};

TEST_P(EveryOnnxNetwork, GivesTheLogitsOfOnnxRuntime) {
  const Tensor came = logits(network(), x());
  const auto wanted = row()["logits"].get<std::vector<float>>();
  const Tensor right({1, static_cast<int64_t>(wanted.size())}, wanted);
  ASSERT_EQ(came.shape(), right.shape());
  const double allowed = GetParam() == "quantised_by_pairs" ? kNotRounded : kOtherOrder;
  EXPECT_LE(max_difference(came, right), allowed * std::max(1.0, largest(right)));
}

TEST_P(EveryOnnxNetwork, HasASlopeThatIsThatOfItsLogits) {
  const Checkpoint c = network();
  Graph graph = for_inference(c.graph);
  const Value labels = graph.add("labels", std::make_shared<InputOp>(InputOptions{{1}}), {});
  const Value sum = graph.add("objective", std::make_shared<PickOp>(NoOptions{}), {graph.output, labels});
  const Value pixels = graph.at(kPixels);
  const Value slope = differentiate(graph, sum, std::vector<Value>{pixels})[0];
  std::map<std::string, Tensor> fed = c.tensors;
  fed["labels"] = Tensor({1}, {1});
  const auto at = [&](const Tensor& p) {
    fed[std::string(kPixels)] = p;
    return testing_graph::walk(graph, fed);
  };
  const Tensor p = x(), g = testing_graph::in(at(p), slope);
  double square = 0;
  for (const float v : g.span()) square += static_cast<double>(v) * v;
  ASSERT_GT(square, 0);
  // A step along the slope, large enough for float32 and small enough to pass no kink of note.
  const double step = 3e-4 / std::sqrt(square);
  const auto moved = [&](double by) {
    Tensor q = p;
    for (int64_t i = 0; i < q.size(); ++i) q[i] = static_cast<float>(p[i] + by * g[i]);
    return static_cast<double>(testing_graph::in(at(q), sum)[0]);
  };
  EXPECT_NEAR((moved(step) - moved(-step)) / (2 * step), square, 0.03 * square);
}

TEST_P(EveryOnnxNetwork, GivesTheSameWrittenAndReadAgain) {
  const Checkpoint c = network();
  const Tensor before = logits(c, x());
  for (const int64_t opset : {13, 17, 18})
    for (const bool fold : {false, true}) {
      const std::string bytes = onnx_bytes(onnx_of(c, {.opset = opset, .fold = fold}));
      const Tensor after = logits(parse_onnx_network(bytes, {}, "again"), x());
      EXPECT_LE(max_difference(before, after), 1e-5 * std::max(1.0, largest(before))) << "opset " << opset << ", fold " << fold;
    }
}

TEST_P(EveryOnnxNetwork, IsReadOrRefusedHoweverItIsDamaged) {
  const std::string bytes = read_file(kFixtures / (GetParam() + ".onnx"));
  const Reader reader = [](std::string_view damaged) { parse_onnx_network(damaged, {}, "x"); };
  for (size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 200)
    read_hostile(reader, std::string_view(bytes).substr(0, length), "cut at", length);
  flip_bytes(bytes, reader, 500, bytes.size());
}

INSTANTIATE_TEST_SUITE_P(Onnx, EveryOnnxNetwork, testing::ValuesIn(names()), [](const auto& which) { return which.param; });

}  // namespace
}  // namespace convscope

#include "convscope/models/onnx/export.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/graph/graph_testing.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/passes.h"
#include "convscope/models/model.h"
#include "convscope/models/onnx/import.h"
#include "convscope/models/small_testing.h"
#include "convscope/nn/initialisers.h"

namespace convscope {
namespace {

/** Of rounding in another order. */
constexpr double kRoundTrip = 1e-5;

/** With running statistics that a training could have left: not 0 and 1, at which batch norm would be nothing. */
Checkpoint trained(const std::string& model) {
  const auto made = models().make(parse_choice(model));
  const Task task = made->usual_task();
  Checkpoint c;
  c.graph = made->build(task.image[1] > 64 ? Shape{task.image[0], 64, 64} : task.image, 7, {{0.4}, {0.3}});
  c.tensors = initialise(c.graph, 1);
  uint64_t number = 0;
  for (const ParameterInfo& p : parameters(c.graph)) {
    const bool variance = p.name.find("var") != std::string::npos;
    if (p.trained && p.shape.rank() > 1) continue;
    const RandomStream random(7, p.name);
    for (float& v : c.tensors.at(p.name).span()) {
      const float u = random.uniform(number++);
      v = variance ? 0.5f + u : p.trained ? v + 0.2f * (u - 0.5f) : v + 0.3f * (u - 0.5f);
    }
  }
  for (int i = 0; i < 7; ++i) c.classes.push_back(fmt::format("class \"{}\"", i));
  c.model = model;
  return c;
}

Tensor pictures(const Checkpoint& c) {
  const Shape& s = c.graph.shape(c.graph.at(kPixels));
  Tensor x({1, s[1], s[2], s[3]});
  for (int64_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 37 % 101) / 101;
  return x;
}

Tensor logits(const Checkpoint& c, const Tensor& pixels) {
  const Graph graph = for_inference(c.graph);
  std::map<std::string, Tensor> fed = c.tensors;
  fed[std::string(kPixels)] = pixels;
  return testing_graph::in(testing_graph::walk(graph, fed), graph.output);
}

double scale_of(const Tensor& t) {
  double most = 1;
  for (const float v : t.span()) most = std::max(most, static_cast<double>(std::abs(v)));
  return most;
}

class EveryExportedModel : public testing::TestWithParam<std::string> {};

TEST_P(EveryExportedModel, GivesTheSameLogitsWhenItIsReadAgain) {
  const Checkpoint c = trained(GetParam());
  const Tensor x = pictures(c), before = logits(c, x);
  for (const OnnxExport& o : {OnnxExport{}, OnnxExport{.opset = 13}, OnnxExport{.opset = 17, .fold = true}}) {
    const Checkpoint again = parse_onnx_network(onnx_bytes(onnx_of(c, o)), {}, "again");
    EXPECT_LE(max_difference(before, logits(again, x)), kRoundTrip * scale_of(before)) << "opset " << o.opset << ", fold " << o.fold;
    EXPECT_EQ(again.classes, c.classes);
  }
}

std::vector<std::string> each_model() {
  std::vector<std::string> all = every_model();
  for (const char* more :
       {"resnet20,shortcut=projection", "noise-resnet18,width=16", "perturb-resnet18,width=16,first_filter_size=3,nmasks=4"})
    all.emplace_back(more);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Models, EveryExportedModel, testing::ValuesIn(each_model()),
                         [](const auto& which) { return test_name(which.param); });

TEST(OnnxExporting, WritesBlurPoolAsOthersDoAndReadsItAsOneLayer) {
  const auto blurs = [](const Graph& graph) {
    std::vector<std::string> all;
    for (const Node& node : graph.nodes())
      if (const auto* d = as<DownsampleOp>(*node.op)) all.push_back(fmt::format("{} {} {}", d->get().filter, d->get().size, d->get().edge));
    return all;
  };
  for (const char* how : {"blur:4", "blur:3:replicate", "blur:7:zero"}) {
    const Checkpoint c = trained(fmt::format("resnet20,shortcut=projection,downsample={}", how));
    const OnnxModel file = onnx_of(c, {});
    EXPECT_TRUE(std::none_of(file.nodes.begin(), file.nodes.end(), [](const OnnxNode& n) { return n.op == "MatMul"; })) << how;
    const Checkpoint again = parse_onnx_network(onnx_bytes(file), {}, "again");
    EXPECT_EQ(blurs(again.graph), blurs(c.graph)) << how;
    for (const ParameterInfo& p : parameters(again.graph))
      EXPECT_EQ(p.name.find("/downsample"), std::string::npos) << "no parameter: " << p.name;
    for (const Node& node : again.graph.nodes()) EXPECT_FALSE(node.name.ends_with("/pad")) << "nothing is left of it: " << node.name;
    EXPECT_LE(max_difference(logits(c, pictures(c)), logits(again, pictures(c))), kRoundTrip * scale_of(logits(c, pictures(c)))) << how;
  }
}

TEST(OnnxExporting, TellsPreprocessingInTheMetadataWhereThatIsWanted) {
  const Checkpoint c = trained("resnet20");
  const Tensor x = pictures(c), before = logits(c, x);
  const OnnxModel model = onnx_of(c, {.normalization = "metadata"});
  EXPECT_EQ(model.nodes.at(0).op, "Conv");
  const Checkpoint again = parse_onnx_network(onnx_bytes(model), {}, "again");
  EXPECT_LE(max_difference(before, logits(again, x)), kRoundTrip * scale_of(before));
  // What a person says counts more.
  const Checkpoint said = parse_onnx_network(onnx_bytes(model), {.preprocessing = Normalization{{0.4}, {0.6}}}, "said");
  EXPECT_GT(max_difference(before, logits(said, x)), 1e-3);
  const Checkpoint none = parse_onnx_network(onnx_bytes(model), {.preprocessing = Normalization{}}, "none");
  EXPECT_FALSE(none.graph.find("normalize")) << "nothing was said to come first";
}

TEST(OnnxExporting, KeepsBatchNormUnlessItIsFolded) {
  const Checkpoint c = trained("resnet20");
  const auto norms = [&](const OnnxExport& o) {
    const OnnxModel m = onnx_of(c, o);
    return std::count_if(m.nodes.begin(), m.nodes.end(), [](const OnnxNode& n) { return n.op == "BatchNormalization"; });
  };
  EXPECT_EQ(norms({}), 19);
  EXPECT_EQ(norms({.fold = true}), 0);
}

TEST(OnnxExporting, IsTheSameBytesEachTime) {
  const Checkpoint c = trained("resnet20");
  EXPECT_EQ(onnx_bytes(onnx_of(c)), onnx_bytes(onnx_of(c)));
}

TEST(OnnxExporting, RefusesVersionsThatItDoesNotWrite) {
  const Checkpoint c = trained("lenet");
  EXPECT_THROW_SAYING(onnx_of(c, {.opset = 16}), "`opset` 16; 13, 17 or 18");
  EXPECT_THROW_SAYING(onnx_of(c, {.normalization = "out"}), "`normalization` 'out'");
}

}  // namespace
}  // namespace convscope

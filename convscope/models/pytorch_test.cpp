// The published networks against PyTorch's answers in double precision; tests/fixtures/README.md says how weights and pictures are made.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/objective.h"
#include "convscope/graph/passes.h"
#include "convscope/models/fixture_testing.h"
#include "convscope/models/model.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {
namespace {

/** The published networks' answers, and those of the studies. */
struct Fixture {
  std::map<std::string, Tensor> tensors;
  Json cases = json_list();

  Fixture() {
    for (const char* name :
         {"networks.safetensors", "networks-of-studies.safetensors", "perturbation.safetensors", "architectures.safetensors"}) {
      TensorFile file = read_safetensors(Path(CONVSCOPE_FIXTURES) / name);
      for (const Json& c : parse_json(file.metadata.at("cases"), name)) cases.push_back(c);
      tensors.merge(file.tensors);
    }
  }
};

const Fixture& fixture() {
  static const Fixture loaded;
  return loaded;
}

/** Runs all nodes by the ops' plain loops; inputs and parameters are the fixture's. */
std::vector<std::vector<Tensor>> walk(const Graph& graph) {
  std::vector<std::vector<Tensor>> all;
  for (const Node& node : graph.nodes()) {
    std::vector<Tensor> made;
    for (const Shape& shape : node.shapes) made.emplace_back(shape);
    if (node.name == kPixels) {
      made[0] = fixture_tensor("images", node.shapes[0]);
    } else if (node.name == kLabels) {
      for (int64_t n = 0; n < made[0].size(); ++n) made[0][n] = static_cast<float>((3 * n + 1) % 10);
    } else if (as<ParameterOp>(*node.op)) {
      made[0] = fixture_tensor(node.name, node.shapes[0]);
    } else {
      std::vector<const Tensor*> in;
      for (const Value v : node.inputs) in.push_back(&all[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)]);
      std::vector<Tensor*> out;
      for (Tensor& t : made) out.push_back(&t);
      node.op->run(in, out, {});
    }
    all.push_back(std::move(made));
  }
  return all;
}

/** Relative L2 distance of the elements that the fixture keeps. */
double distance(const Tensor& ours, const Tensor& kept) {
  const int64_t k = kept.size();
  double difference = 0, scale = 0;
  for (int64_t i = 0; i < k; ++i) {
    const double a = ours[i * ours.size() / k], b = kept[i];
    difference += (a - b) * (a - b);
    scale += b * b;
  }
  return scale > 0 ? std::sqrt(difference / scale) : std::sqrt(difference);
}

class PyTorchNetwork : public testing::TestWithParam<std::string> {
 protected:
  const Json& found() const {
    for (const Json& c : fixture().cases)
      if (c["name"] == GetParam()) return c;
    throw Error("no such case in the fixture");
  }
  double tolerance(const char* of) const { return found()["tolerance"][of].get<double>(); }
  const Tensor& kept(const std::string& what) const { return fixture().tensors.at(GetParam() + "/" + what); }

  /** How many tensors of the case begin with `what`. */
  size_t kept_of(const std::string& what) const {
    const std::string prefix = GetParam() + "/" + what;
    return static_cast<size_t>(
        std::ranges::count_if(fixture().tensors, [&](const auto& entry) { return entry.first.starts_with(prefix); }));
  }

  /** The network for the case's batch. */
  Graph network() const {
    const std::vector<int64_t> input = found()["input"];
    Json options = found()["options"];
    if (options.contains("norm")) options["norm"] = "per-" + options["norm"].get<std::string>();
    if (found()["model"] == "scratch") options["dropout"] = false;
    const auto model = models().make(found()["model"].get<std::string>(), options);
    return with_batch(model->build({input[1], input[2], input[3]}, found()["classes"].get<int64_t>()), input[0]);
  }
};

TEST_P(PyTorchNetwork, AgreesOnLogitsAndOnTheirGradientForThePictures) {
  Graph graph = for_inference(network());
  const int64_t batch = graph.shape(graph.at(kPixels))[0];
  const Value labels = graph.add(std::string(kLabels), std::make_shared<InputOp>(InputOptions{{batch}}), {});
  const Value score = graph.add("score", std::make_shared<PickOp>(NoOptions{}), {graph.output, labels});
  const Value slope = differentiate(graph, score, std::vector{graph.at(kPixels)})[0];
  const auto values = walk(graph);
  const auto at = [&](Value v) -> const Tensor& { return values[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)]; };
  EXPECT_LE(distance(at(graph.output), kept("logits_eval")), tolerance("logits"));
  EXPECT_LE(distance(at(slope), kept("input_grad")), tolerance("gradients"));
}

TEST_P(PyTorchNetwork, AgreesOnATrainingStep) {
  Graph graph = for_training(network());
  const int64_t batch = graph.shape(graph.at(kPixels))[0];
  const Value labels = graph.add(std::string(kLabels), std::make_shared<InputOp>(InputOptions{{batch}}), {});
  const Value loss = graph.add("loss", std::make_shared<CrossEntropyOp>(CrossEntropyOptions{}), {graph.output, labels});
  std::vector<std::string> names;
  std::vector<Value> wanted;
  for (const ParameterInfo& p : parameters(graph)) {
    if (!p.trained) continue;
    names.push_back(p.name);
    wanted.push_back(graph.at(p.name));
  }
  const std::vector<Value> slopes = differentiate(graph, loss, wanted);
  const auto values = walk(graph);
  const auto at = [&](Value v) -> const Tensor& { return values[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)]; };
  EXPECT_LE(distance(at(graph.output), kept("logits_train")), tolerance("logits"));
  EXPECT_LE(distance(at(loss), kept("loss_train")), tolerance("logits"));
  size_t gradients = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!fixture().tensors.contains(GetParam() + "/grad/" + names[i])) continue;
    EXPECT_LE(distance(at(slopes[i]), kept("grad/" + names[i])), tolerance("gradients")) << names[i];
    ++gradients;
  }
  EXPECT_EQ(gradients, kept_of("grad/")) << "all that the fixture keeps";
  size_t compared = 0;
  for (const auto& [name, value] : graph.updates) {
    const size_t dot = name.rfind('.');
    const std::string key = fmt::format("{}/{}/{}", GetParam(), name.substr(dot + 1), name.substr(0, dot));
    const auto it = fixture().tensors.find(key);
    if (it == fixture().tensors.end()) continue;
    EXPECT_LE(distance(at(value), it->second), tolerance("running")) << name;
    ++compared;
  }
  EXPECT_EQ(compared, kept_of("running_mean/") + kept_of("running_var/")) << "of the first and the last batch norm";
}

/** resnet18 is left to faster engines: it agrees too, but plain loops take as long for it as for all the others. */
std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const Json& c : fixture().cases)
    if (c["model"] != "resnet18") names.push_back(c["name"]);
  return names;
}

INSTANTIATE_TEST_SUITE_P(OfTheFixtures, PyTorchNetwork, testing::ValuesIn(cases()), [](const auto& tested) {
  std::string name = tested.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace convscope

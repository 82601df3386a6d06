// A network of random weights as Captum, zennit and the papers' formulas explain it (tools/make_attribution_fixtures.py).

#include <gtest/gtest.h>

#include "convscope/inspect/attribution/attribution.h"
#include "convscope/inspect/attribution/network_testing.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {
namespace {

using testing_network::Net;

/** Sums over whole layers in F32, forth and back, against double. */
constexpr float kThroughTheNetwork = 1e-4f;

const TensorFile& fixtures() {
  static const TensorFile file = read_safetensors(Path(CONVSCOPE_FIXTURES) / "attributions.safetensors");
  return file;
}

/** With a mean pool in the max pool's place for DeepLIFT: with the latter Captum misses the difference by more than itself. */
Graph network_of_fixtures(bool mean_pool) {
  Builder b({3, 9, 8});
  const auto conv = [&](const char* name, Value x, int64_t filters) {
    const auto scope = b.scope(name);
    return b.add<Conv2dOp>("conv", {.pad = 1, .bias = true},
                           {x, b.parameter("weight", {filters, b.shape(x)[1], 3, 3}, "zeros"), b.parameter("bias", {filters}, "zeros")});
  };
  const auto norm = [&](const char* name, Value x) {
    const auto scope = b.scope(name);
    const auto p = [&](const char* part, bool trained) { return b.parameter(part, {b.shape(x)[1]}, "zeros", trained); };
    return b.add<BatchNormOp>("norm", {}, {x, p("weight", true), p("bias", true), p("running_mean", false), p("running_var", false)});
  };
  const Value x = b.add<NormalizeOp>("normalize", {.mean = {0.5, 0.4, 0.3}, .std = {0.2, 0.25, 0.3}}, {b.pixels()});
  const Value widest = conv("conv1", x, 6);
  const Value pooled = mean_pool ? b.add<AvgPoolOp>("pool", {}, {widest}) : b.add<MaxPoolOp>("pool", {}, {widest});
  const Value first = b.add<ReluOp>("relu1", {}, {pooled});
  const Value second = b.add<ReluOp>("relu2", {}, {norm("norm2", conv("conv2", first, 8))});
  const Value third = b.add<ReluOp>("relu3", {}, {b.add<AddOp>("sum", {}, {second, conv("conv3", second, 8)})});
  const Value mean = b.add<FlattenOp>("flatten", {}, {b.add<GlobalAvgPoolOp>("mean", {}, {third})});
  return std::move(b).finish(
      b.add<LinearOp>("fc", {}, {mean, b.parameter("fc.weight", {5, 8}, "zeros"), b.parameter("fc.bias", {5}, "zeros")}));
}

class Fixtures : public ::testing::TestWithParam<std::string> {
 protected:
  static NetworkSubject subject(bool mean_pool, Choice engine = usual_engine()) {
    const Graph graph = network_of_fixtures(mean_pool);
    std::map<std::string, Tensor> tensors;
    for (const ParameterInfo& p : parameters(graph)) tensors.emplace(p.name, fixtures().tensors.at("net." + p.name));
    return {graph, std::make_shared<Weights>(graph, tensors), {.batch = 2, .engine = std::move(engine)}};
  }
  const Question question{{}, {3, 1}, {}, 1, {}};
};

TEST_F(Fixtures, AreOfThisNetwork) {
  NetworkSubject net = subject(false);
  EXPECT_LT(relative_error(net.logits(fixtures().tensors.at("pixels")), fixtures().tensors.at("logits")), kThroughTheNetwork);
}

TEST_P(Fixtures, AgreeOnBothEngines) {
  const Tensor& wanted = fixtures().tensors.at(GetParam());
  for (const char* engine : {"onednn", "reference"}) {
    NetworkSubject net = subject(GetParam().starts_with("deeplift"), {engine});
    const Maps maps = attributions().make(parse_choice(GetParam()))->explain(net, fixtures().tensors.at("pixels"), question);
    ASSERT_EQ(maps.values.shape(), wanted.shape());
    EXPECT_LT(relative_error(maps.values, wanted), kThroughTheNetwork) << engine;
  }
}

std::vector<std::string> explained() {
  return {"guided-backprop",
          "deconvolution",
          "grad-cam",
          "grad-cam++",
          "xgrad-cam",
          "hires-cam",
          "layer-cam",
          "deeplift,baseline=black",
          "deeplift,baseline=white",
          "lrp,composite=epsilon-plus",
          "lrp,composite=epsilon-plus-flat",
          "lrp,composite=epsilon-alpha2-beta1",
          "lrp,composite=epsilon-alpha2-beta1-flat",
          "lrp,composite=epsilon-gamma-box"};
}
INSTANTIATE_TEST_SUITE_P(Methods, Fixtures, ::testing::ValuesIn(explained()), [](const auto& method) {
  std::string name = method.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

}  // namespace
}  // namespace convscope

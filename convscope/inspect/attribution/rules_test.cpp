// What methods that go through a network node by node promise, on networks made of what real ones are made of.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "convscope/base/base_testing.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/rules/bias_shares.h"
#include "convscope/graph/rules/gates.h"
#include "convscope/graph/rules/rectifiers.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/inspect/attribution/network_testing.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

using testing_network::Net;
using testing_network::random_images;

/** Sums in F32 over a network, against the number explained. */
constexpr double kGap = 1e-4;

const Shape kImage{3, 9, 11};

/** Networks by what is special in them. */
NetworkSubject network(const std::string& kind) {
  Net net(kImage, 3);
  Value x = net.pixels();
  if (kind == "residual") {
    x = net.relu("relu1", net.norm("norm1", net.conv("conv1", x, 8, 3)));
    x = net.relu("relu2", net.op<AddOp>("add", {x, net.norm("norm2", net.conv("conv2", x, 8, 3))}));
    x = net.op<MaxPoolOp>("pool", {x}, {.kernel = 3, .stride = 2, .pad = 1});  // overlapping, right behind a ReLU
  } else if (kind == "dense-block") {
    x = net.op<MaxPoolOp>("pool", {net.conv("conv0", x, 6, 3)}, {.kernel = 3, .stride = 2, .pad = 1});
    const Value more = net.conv("conv1", net.relu("relu1", net.norm("norm1", x)), 4, 3, {.pad = 1});
    x = net.relu("relu2", net.norm("norm2", net.op<ConcatOp>("concat", {x, more})));
  } else if (kind == "silu-excited") {
    x = net.silu("silu1", net.norm("norm1", net.conv("conv1", x, 8, 3)));
    x = net.excited("se", x);
    x = net.silu("silu2", net.conv("conv2", x, 8, 3, {.stride = 2, .pad = 1, .groups = 4}));
  } else if (kind == "convnext") {
    x = net.conv("conv1", x, 8, 3);
    const Value inner =
        net.op<StandardizeOp>("norm", {net.conv("deep", x, 8, 3, {.pad = 1, .groups = 8, .bias = true})}, {.over = "channels"});
    x = net.op<AddOp>("add",
                      {x, net.conv("down", net.op<GeluOp>("gelu", {net.conv("up", inner, 16, 1, {.bias = true})}), 8, 1, {.bias = true})});
  } else if (kind == "all-activations") {
    x = net.op<Relu6Op>("relu6", {net.conv("conv1", x, 8, 3)});
    x = net.op<EluOp>("elu", {net.conv("conv2", x, 8, 3)});
    x = net.op<TanhOp>("tanh", {net.conv("conv3", x, 8, 3)});
    x = net.op<LeakyReluOp>("leaky", {net.conv("conv4", net.op<LrnOp>("lrn", {x}, {.alpha = 0.5}), 8, 3)});
  } else if (kind == "reused") {
    // One convolution and its weights, three times.
    x = net.relu("relu1", net.conv("conv1", x, 6, 3));
    for (int i = 0; i < 3; ++i) x = net.relu("relu", net.conv("again", x, 6, 3));
  } else if (kind == "product") {
    x = net.op<MultiplyOp>("times", {net.relu("relu1", net.conv("conv1", x, 6, 3)), net.op<TanhOp>("tanh", {net.conv("conv2", x, 6, 3)})});
  } else if (kind == "dense-only") {
    const Value hidden = net.relu("relu", net.dense("hidden", net.op<FlattenOp>("flat", {x}), 12));
    return net.subject(net.dense("fc", hidden, 5));
  }
  return net.subject(net.dense("fc", net.pooled(x), 5));
}

const std::vector<std::string> kKinds{"residual",        "dense-block", "silu-excited", "convnext",
                                      "all-activations", "reused",      "product",      "dense-only"};

Maps explained(Subject& subject, const std::string& method, Objective objective = {}) {
  const Question question{objective, {0, 1, 4}, {0, 1, 4}, 1, {0, 1, 2}};
  return attributions().make(parse_choice(method))->explain(subject, random_images(3, kImage), question);
}

double length(const Tensor& t) {
  double sum = 0;
  for (const float v : t.span()) sum += static_cast<double>(v) * v;
  return std::sqrt(sum);
}

class OnNetworks : public ::testing::TestWithParam<std::string> {
 protected:
  NetworkSubject subject = network(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Kinds, OnNetworks, ::testing::ValuesIn(kKinds), [](const auto& kind) {
  std::string name = kind.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST_P(OnNetworks, DeepLiftAddsUpToTheDifferenceFromEveryBaseline) {
  for (const char* baseline : {"black", "white", "mean", "noise"})
    for (const auto of : {Objective::Of::logits, Objective::Of::softmax}) {
      const Maps maps = explained(subject, fmt::format("deeplift,baseline={}", baseline), {.of = of});
      for (const Completeness& c : maps.completeness)
        EXPECT_LE(c.gap, kGap * std::max(std::abs(c.difference), of == Objective::Of::softmax ? 0.01 : 0.1))
            << baseline << " " << c.difference;
    }
}

TEST_P(OnNetworks, DeepLiftFromAnAlmostEqualBaselineIsGradientTimesDifference) {
  const Tensor x = random_images(3, kImage);
  Tensor near = x;
  for (int64_t i = 0; i < near.size(); ++i) near[i] = std::max(0.0f, x[i] - 1e-4f * static_cast<float>(i % 3));
  const TemporaryFolder folder;
  const std::string file = (folder / "near.npy").string();
  write_npy(file, near);
  const Tensor map = explained(subject, "deeplift,baseline=" + file).values;
  Tensor linear = explained(subject, "gradient").values;
  for (int64_t i = 0; i < linear.size(); ++i) linear[i] *= x[i] - near[i];
  EXPECT_LT(relative_error(map, linear), 0.1);
}

TEST_P(OnNetworks, RelevanceThatArrivesAndWhatIsAbsorbedMakeTheOutput) {
  for (const char* composite : {"epsilon-plus", "epsilon-plus-flat", "epsilon-alpha2-beta1", "epsilon-alpha2-beta1-flat",
                                "epsilon-gamma-box", "epsilon", "epsilon-plus,first=w-square", "epsilon,epsilon=0.1",
                                "epsilon-plus,dense=gamma,conv=w-square", "epsilon-gamma-box,biases=false", "epsilon,biases=false"}) {
    const Maps maps = explained(subject, fmt::format("lrp,composite={}", composite));
    EXPECT_GT(max_abs(maps.values.span()), 0) << composite;
    for (const Completeness& c : maps.completeness) {
      ASSERT_TRUE(c.absorbed.has_value());
      // Relevance of both signs may be far larger than what it adds up to: rounding is of these.
      const double scale = std::max({std::abs(c.difference), std::abs(*c.absorbed), length(maps.values)});
      EXPECT_LE(c.gap, kGap * scale) << composite << ": " << c.difference << ", absorbed " << *c.absorbed;
    }
  }
}

TEST_P(OnNetworks, ExcitationIsAProbability) {
  for (const Completeness& c : explained(subject, "excitation-backprop").completeness) EXPECT_LE(c.gap, 1e-3);
}

TEST_P(OnNetworks, BothEnginesAgree) {
  Graph graph = subject.graph();
  for (const char* method : {"guided-backprop", "deconvolution", "deeplift,baseline=mean", "lrp,composite=epsilon-plus-flat",
                             "lrp,composite=epsilon-gamma-box", "lrp,composite=epsilon-alpha2-beta1", "full-grad"}) {
    const Tensor fast = explained(subject, method).values;
    NetworkSubject slow(graph, subject.weights(), {.batch = 3, .engine = {"reference"}});
    EXPECT_LT(relative_error(fast, explained(slow, method).values), 1e-3) << method;
  }
}

TEST(RelevanceByEpsilon, OfANetworkWithoutBiasesIsGradientTimesInput) {
  for (const char* filter : {"", "blur", "flc", "area"}) {
    Net net(kImage, 5);
    const Value first = net.relu("relu1", net.conv("conv1", net.pixels(), 6, 3, {.pad = 1}));
    const Value fewer = *filter ? net.op<DownsampleOp>("down", {first}, {.filter = filter, .size = 4}) : net.op<MaxPoolOp>("pool", {first});
    const Value second = net.relu("relu2", net.conv("conv2", fewer, 8, 3, {.pad = 1}));
    NetworkSubject subject = net.subject(net.dense("fc", net.op<FlattenOp>("flat", {second}), 5, false));
    const Tensor product = explained(subject, "gradient-x-input").values;
    EXPECT_LT(relative_error(explained(subject, "lrp,composite=epsilon,epsilon=1e-9").values, product), 1e-3) << filter;
  }
}

TEST(RelevanceByZPlus, OfANetworkOfPositiveNumbersAddsUpToTheOutput) {
  Net net(kImage, 5);
  const Value first = net.relu("relu1", net.conv("conv1", net.pixels(), 6, 3, {.pad = 1}));
  NetworkSubject subject = net.subject(net.dense("fc", net.pooled(first), 5, false));
  std::map<std::string, Tensor> tensors = subject.weights()->tensors();
  for (auto& [name, t] : tensors)
    for (float& v : t.span()) v = std::abs(v);
  NetworkSubject positive(subject.graph(), std::make_shared<Weights>(subject.graph(), tensors), {.batch = 3});
  const Maps maps = explained(positive, "lrp,composite=epsilon-plus");
  for (size_t n = 0; n < 3; ++n) {
    const auto row = maps.values.row(static_cast<int64_t>(n));
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    EXPECT_NEAR(sum, maps.completeness[n].difference, 1e-4 * maps.completeness[n].difference);
    EXPECT_GE(*std::min_element(row.begin(), row.end()), 0);
  }
}

TEST(RelevanceByAlphaBeta, IsKeptWhereAPartAgainstIsNothing) {
  // Windows of black behind convolutions without bias: the parts of their sums are 0, not another algorithm's rounding, by which a share
  // would be divided.
  Net net({3, 16, 16}, 7);
  const Value first = net.relu("relu1", net.conv("conv1", net.pixels(), 16, 3, {.pad = 1}));
  const Value second = net.relu("relu2", net.conv("conv2", first, 16, 3));
  const Value third = net.relu("relu3", net.conv("conv3", second, 16, 3));
  NetworkSubject subject = net.subject(net.dense("fc", net.pooled(third), 5));
  Tensor x = random_images(3, {3, 16, 16});
  for (int64_t i = 0; i < x.size(); ++i)
    if (i / 16 % 16 >= 4) x[i] = 0;
  const Maps maps =
      attributions().make(parse_choice("lrp,composite=epsilon-alpha2-beta1"))->explain(subject, x, {{}, {0, 1, 4}, {}, 1, {}});
  for (const Completeness& c : maps.completeness)
    EXPECT_LE(c.gap, kGap * std::max(std::abs(c.difference), std::abs(*c.absorbed))) << c.difference << ", absorbed " << *c.absorbed;
}

TEST(TheFirstLayer, IsTheOneThatSeesPixelsWhateverTheOrder) {
  // Two branches see the pixels; the flat rule makes each pixel's relevance one of how many windows hold it.
  Net net(kImage, 5);
  const Value a = net.relu("relu1", net.conv("conv1", net.pixels(), 6, 3)), b = net.relu("relu2", net.conv("conv2", net.pixels(), 6, 3));
  NetworkSubject subject = net.subject(net.dense("fc", net.pooled(net.op<AddOp>("add", {a, b})), 5));
  const Tensor map = explained(subject, "lrp,composite=epsilon-plus-flat").values;
  const int64_t plane = kImage[1] * kImage[2];
  for (int64_t c = 1; c < 3; ++c)
    for (int64_t i = 0; i < plane; ++i) EXPECT_NEAR(map[c * plane + i], map[i], 1e-6 * max_abs(map.span()));
}

TEST(GuidedBackprop, OfSmoothRectifiersIsWhatItIsDefinedAs) {
  // One channel of a 1 × 1 convolution: f = Σ_p fc · silu(w x), so the map is w · [g > 0] · g · f'(z) · [f(z) > 0] at each pixel.
  for (const bool gelu : {false, true}) {
    Net net({1, 4, 5}, 2);
    const Value z = net.conv("conv", net.pixels(), 3, 1, {.bias = true});
    NetworkSubject subject = net.subject(net.dense("fc", net.pooled(gelu ? net.op<GeluOp>("gelu", {z}) : net.silu("silu", z)), 2));
    const Tensor x = random_images(1, {1, 4, 5});
    const Tensor map = attributions().make("guided-backprop")->explain(subject, x, {{}, {1}, {}, 1, {}}).values;
    const Tensor w = subject.weights()->get("conv.weight"), b = subject.weights()->get("conv.bias"),
                 fc = subject.weights()->get("fc.weight");
    for (int64_t i = 0; i < 20; ++i) {
      double sum = 0;
      for (int64_t k = 0; k < 3; ++k) {
        const double number = w[k] * x[i] + b[k], s = 1 / (1 + std::exp(-number)), g = fc[3 + k] / 20.0;
        const double f = gelu ? UnaryFunction{"gelu"}.value(number) : number * s;
        const double slope = gelu ? UnaryFunction{"gelu"}.slope(number) : s + number * s * (1 - s);
        if (g > 0 && f > 0) sum += w[k] * g * slope;
      }
      EXPECT_NEAR(map[i], sum, 1e-5) << gelu;
    }
  }
}

TEST(GuidedBackprop, AndDeconvolutionRefuseANetworkWithoutRectifier) {
  Net net(kImage);
  NetworkSubject subject = net.subject(net.dense("fc", net.pooled(net.op<TanhOp>("tanh", {net.conv("conv", net.pixels(), 4, 3)})), 5));
  for (const char* method : {"guided-backprop", "deconvolution"}) EXPECT_THROW_SAYING(explained(subject, method), "no rectifier");
}

TEST(Gates, AreToldFromWhatTheyGate) {
  Net net(kImage);
  const Value z = net.conv("conv", net.pixels(), 4, 3);
  const Value silu = net.silu("silu", z);
  const Value excited = net.excited("se", silu);
  const Value product = net.op<MultiplyOp>("product", {excited, net.conv("other", z, 4, 3)});
  const Value square = net.op<MultiplyOp>("square", {product, product});
  const Graph graph = std::move(net.builder).finish(net.pooled(square));
  const auto own = gate_of(graph, silu.node), squeeze = gate_of(graph, excited.node);
  ASSERT_TRUE(own && squeeze);
  EXPECT_TRUE(own->own && own->gate == 1);
  EXPECT_TRUE(!squeeze->own && squeeze->gate == 1);
  EXPECT_FALSE(gate_of(graph, product.node).has_value());
  EXPECT_FALSE(gate_of(graph, square.node).has_value());
  EXPECT_TRUE(shapes_a_gate(graph, graph.at("silu/gate").node));
  EXPECT_FALSE(shapes_a_gate(graph, graph.at("se/relu").node));
}

TEST(BiasShares, AndTheInputsAddUpToTheOutputOfANetworkOfReLUs) {
  NetworkSubject subject = network("residual");
  const Tensor x = random_images(3, kImage);
  const std::vector<int64_t> targets{0, 1, 4};
  const Passed passed = subject.pass(x, {.objective = {}, .ruling = bias_shares_ruling()}, targets);
  EXPECT_EQ(passed.gradients.size(), 6u);  // pixels; two convolutions, two batch norms, the dense layer
  for (int64_t n = 0; n < 3; ++n) {
    double sum = 0;
    for (const auto& [name, shares] : passed.gradients) {
      const auto row = shares.row(n);
      for (size_t i = 0; i < row.size(); ++i) sum += name == kPixels ? row[i] * x.row(n)[i] : row[i];
    }
    EXPECT_NEAR(sum, passed.value[static_cast<size_t>(n)], 1e-4);
  }
}

TEST(Lrp, TakesOneRuleForEachKindOfLayer) {
  const auto make = [](const char* text) { return attributions().make(parse_choice(text)); };
  EXPECT_NO_THROW(make("lrp,conv=gamma,first=z-box,gamma=0.5"));
  EXPECT_THROW_SAYING(make("lrp,composite=epsilon-pus"), "epsilon-plus");
  EXPECT_THROW_SAYING(make("lrp,conv=z-box"), "see pixels");
  EXPECT_THROW_SAYING(make("lrp,alpha=0.5"), "alpha is 1 or more");
  EXPECT_THROW_SAYING(make("lrp,dense=z-pluss"), "z-plus");
  NetworkSubject subject = network("residual");
  EXPECT_THROW_SAYING(explained(subject, "lrp", {.of = Objective::Of::softmax}), "of a logit");
  EXPECT_THROW_SAYING(explained(subject, "deeplift", {.of = Objective::Of::loss}), "no rule for a loss");
}

TEST(Lrp, RefusesAnOpWithoutARule) {
  Net net(kImage);
  const Value conv = net.conv("conv", net.pixels(), 4, 3);
  const Value scaled = net.op<ScaleOp>("odd", {conv, net.builder.parameter("factor", {4}, "zeros")});
  NetworkSubject subject = net.subject(net.dense("fc", net.pooled(scaled), 5));
  EXPECT_THROW_SAYING(explained(subject, "lrp"), "node 'odd' is a 'scale', which has no rule of relevance");
}

TEST(Lrp, SaysWhereZBoxMeetsFeatures) {
  Net net(kImage);
  const Value features = net.relu("relu", net.conv("conv1", net.pixels(), 4, 3));
  const Value both = net.op<ConcatOp>("both", {net.pixels(), features});
  NetworkSubject subject = net.subject(net.dense("fc", net.pooled(net.relu("relu2", net.conv("conv2", both, 6, 3))), 5));
  const Maps maps = explained(subject, "lrp,composite=epsilon-gamma-box");
  EXPECT_NE(maps.over.find("1 layer where pixels and features meet"), std::string::npos) << maps.over;
  for (const Completeness& c : maps.completeness) EXPECT_LE(c.gap, 1e-4 * std::max(1.0, std::abs(c.difference)));
  EXPECT_EQ(explained(subject, "lrp").over, "");
}

}  // namespace
}  // namespace convscope

// Laws of the fast engine, each held against the reference by the check engine, which throws where a result strays.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "convscope/base/machine.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/engine/kernels/amx.h"
#include "convscope/engine/program.h"
#include "convscope/graph/builder.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/concat.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"

namespace convscope {
namespace {

constexpr uint64_t kSeed = 11;
constexpr double kSum = 2e-5;   // a reduction over R S C terms in float, relative to the largest result
constexpr double kBf16 = 4e-2;  // numbers of 8 bits, a few layers deep

/** Random weights of sensible size for any graph. */
std::map<std::string, Tensor> some_weights(const Graph& graph) {
  std::map<std::string, Tensor> all;
  for (const ParameterInfo& p : parameters(graph)) {
    Tensor t(p.shape);
    const RandomStream random(kSeed, p.name);
    const bool around_one = p.name.ends_with("gamma") || p.name.ends_with("running_var");
    const float size = p.shape.rank() > 1 ? 1.0f / std::sqrt(static_cast<float>(p.shape.inner())) : 0.1f;
    for (int64_t i = 0; i < t.size(); ++i)
      t[i] = around_one ? 0.5f + random.uniform(static_cast<uint64_t>(i)) : size * random.normal(static_cast<uint64_t>(i));
    all.emplace(p.name, std::move(t));
  }
  return all;
}

/** Graphs by hand, with short names for what the tests are made of. */
struct Net {
  Builder builder;
  int64_t channels;
  explicit Net(Shape image) : builder(image), channels(image[0]) {}

  Value conv(std::string_view name, Value x, int64_t filters, int64_t kernel, Conv2dOptions o) {
    const int64_t in = builder.shape(x)[1];
    std::vector<Value> inputs{x, builder.parameter(fmt::format("{}.weight", name), {filters, in / o.groups, kernel, kernel}, "zeros")};
    if (o.bias) inputs.push_back(builder.parameter(fmt::format("{}.bias", name), {filters}, "zeros"));
    return builder.add<Conv2dOp>(name, o, inputs);
  }
  Value norm(std::string_view name, Value x, bool per_activation = false) {
    const Shape s = builder.shape(x);
    const Shape p = per_activation ? Shape{s[1], s[2], s[3]} : Shape{s[1]};
    const Shape g = per_activation ? Shape{1} : p;
    const auto named = [&](std::string_view what) { return fmt::format("{}.{}", name, what); };
    BatchNormOptions o{.per_activation = per_activation, .unbiased = !per_activation};
    return builder.add<BatchNormOp>(
        name, o,
        {x, builder.parameter(named("gamma"), g, "ones"), builder.parameter(named("beta"), g, "zeros"),
         builder.parameter(named("running_mean"), p, "zeros", false), builder.parameter(named("running_var"), p, "ones", false)});
  }
  Value relu(Value x) { return builder.add<ReluOp>("relu", {}, {x}); }
  Value add(Value a, Value b) { return builder.add<AddOp>("add", {}, {a, b}); }
  Value linear(std::string_view name, Value x, int64_t features) {
    return builder.add<LinearOp>(name, {},
                                 {x, builder.parameter(fmt::format("{}.weight", name), {features, builder.shape(x).inner()}, "zeros"),
                                  builder.parameter(fmt::format("{}.bias", name), {features}, "zeros")});
  }
  /** Logits of 5 classes behind a global pool. */
  Graph finish(Value x) && {
    const Value pooled = builder.add<GlobalAvgPoolOp>("pool", {}, {x});
    return std::move(builder).finish(linear("classes", builder.add<FlattenOp>("flatten", {}, {pooled}), 5));
  }
};

void fill_inputs(Program& program, const Request& request) {
  const RandomStream random(kSeed, "pixels");
  Tensor& pixels = program.input(kPixels);
  for (int64_t i = 0; i < pixels.size(); ++i) pixels[i] = random.uniform(static_cast<uint64_t>(i));
  if (!request.objective) return;
  Tensor& labels = program.input(kLabels);
  for (int64_t n = 0; n < labels.size(); ++n) labels[n] = static_cast<float>(n % 5);
}

Request request_for(Purpose purpose, int64_t batch, Precision precision = Precision::fp32) {
  Request r;
  r.purpose = purpose;
  r.batch = batch;
  r.precision = precision;
  if (purpose == Purpose::explain) {
    r.objective = Choice{"pick"};
    r.gradients = {"pixels"};
  }
  if (purpose == Purpose::train) r.objective = Choice{"cross-entropy"};
  return r;
}

/** All purposes, through the check engine. */
void expect_true(const Graph& graph, int64_t batch, double tolerance = kSum) {
  for (const Purpose purpose : {Purpose::predict, Purpose::explain, Purpose::train}) {
    const Request request = request_for(purpose, batch);
    const auto weights = std::make_shared<Weights>(graph, some_weights(graph));
    const auto program = engines().make("check", {{"tolerance", tolerance}})->compile(graph, weights, request);
    fill_inputs(*program, request);
    EXPECT_NO_THROW(program->run({.seed = kSeed, .epoch = 0, .samples = {}}))
        << "purpose " << static_cast<int>(purpose) << ", batch " << batch;
  }
}

struct ConvolutionCase {
  Shape image;
  int64_t filters, kernel;
  Conv2dOptions options;
};

class EveryConvolution : public testing::TestWithParam<ConvolutionCase> {};

TEST_P(EveryConvolution, AgreesWithThePlainLoopsForAllPurposes) {
  const auto& [image, filters, kernel, options] = GetParam();
  for (const int64_t batch : {1, 2, 5}) {
    Net net(image);
    const Value x = net.conv("conv", net.builder.pixels(), filters, kernel, options);
    expect_true(std::move(net).finish(x), batch);
  }
}

INSTANTIATE_TEST_SUITE_P(OddSizes, EveryConvolution,
                         testing::Values(ConvolutionCase{{3, 11, 7}, 16, 3, {.pad = 1}},                                           //
                                         ConvolutionCase{{1, 28, 28}, 6, 5, {.bias = true}},                                       //
                                         ConvolutionCase{{16, 9, 9}, 32, 3, {.stride = 2, .pad = 1}},                              //
                                         ConvolutionCase{{16, 9, 9}, 32, 1, {.stride = 2}},                                        //
                                         ConvolutionCase{{3, 33, 33}, 44, 7, {.stride = 2, .pad = 3}},                             //
                                         ConvolutionCase{{44, 8, 8}, 20, 3, {.pad = 2, .dilation = 2, .bias = true}},              //
                                         ConvolutionCase{{32, 8, 6}, 32, 3, {.pad = 1, .groups = 4}},                              //
                                         ConvolutionCase{{12, 7, 7}, 12, 3, {.stride = 2, .pad = 1, .groups = 12, .bias = true}},  //
                                         ConvolutionCase{{64, 4, 4}, 128, 3, {.pad = 1, .bias = true}},                            //
                                         ConvolutionCase{{5, 13, 9}, 7, 4, {.stride = 3, .pad = 1}}));

/** Two residual blocks of odd width, the second with a strided projection: folding, fusing and sums of gradients all happen here. */
Graph residual_network(int64_t width) {
  Net net({3, 10, 8});
  Value x = net.relu(net.norm("bn0", net.conv("conv0", net.builder.pixels(), width, 3, {.pad = 1})));
  Value y = net.relu(net.norm("bn1", net.conv("conv1", x, width, 3, {.pad = 1})));
  y = net.norm("bn2", net.conv("conv2", y, width, 3, {.pad = 1}));
  x = net.relu(net.add(y, x));
  y = net.relu(net.norm("bn3", net.conv("conv3", x, 2 * width, 3, {.stride = 2, .pad = 1})));
  y = net.norm("bn4", net.conv("conv4", y, 2 * width, 3, {.pad = 1}));
  const Value shortcut = net.norm("bn5", net.conv("conv5", x, 2 * width, 1, {.stride = 2}));
  return std::move(net).finish(net.relu(net.add(y, shortcut)));
}

TEST(FastEngine, AgreesOnResidualBlocksOfAnyWidth) {
  for (const int64_t width : {16, 11, 44}) expect_true(residual_network(width), 4, 1e-3);  // a sum near 0 may fall on either side of a ReLU
}

TEST(FastEngine, AddsTheShortcutOfAllChannelsToConvolutionsOfFewPixels) {
  for (const int64_t batch : {1, 2, 5})
    for (const int64_t groups : {1, 3, 48})
      for (const int64_t side : {1, 2, 3}) {
        Net net({48, side, side});
        const Value x = net.conv("conv0", net.builder.pixels(), 48, 1, {});
        expect_true(std::move(net).finish(net.add(net.conv("conv1", x, 48, 1, {.groups = groups}), x)), batch);
      }
}

TEST(FastEngine, AgreesOnIdentityShortcutsThatDropSamplesAndPadChannels) {
  Net net({3, 9, 9});
  const Value x = net.norm("bn", net.conv("conv0", net.builder.pixels(), 16, 3, {.pad = 1}));
  const Value y = net.conv("conv1", x, 32, 3, {.stride = 2, .pad = 1});
  const Value half = net.builder.add<SubsampleOp>("half", {2}, {x});
  expect_true(std::move(net).finish(net.add(y, net.builder.add<ZeroPadChannelsOp>("wide", {8, 8}, {half}))), 3);
}

TEST(FastEngine, AgreesOnNormsByActivationAndOnDropout) {
  Net net({3, 8, 8});
  Value x = net.norm("bn0", net.relu(net.conv("conv0", net.builder.pixels(), 20, 3, {.pad = 1, .bias = true})), true);
  x = net.builder.add<MaxPoolOp>("max", {}, {x});
  x = net.builder.add<DropoutOp>("drop", {0.25, "drop"}, {x});
  x = net.norm("bn1", net.relu(net.conv("conv1", x, 16, 3, {.pad = 1, .bias = true})), true);
  expect_true(std::move(net).finish(x), 12, 2e-3);  // variances over twelve numbers amplify rounding
}

TEST(FastEngine, AgreesOnPoolsWithPaddingCeilingAndBothDivisors) {
  for (const bool ceil : {false, true}) {
    Net most({4, 11, 8});
    const Value x = most.builder.add<MaxPoolOp>("p", {.kernel = 3, .stride = 2, .pad = 1, .ceil = ceil},
                                                {most.conv("c", most.builder.pixels(), 8, 3, {})});
    expect_true(std::move(most).finish(x), 3);
    for (const bool include : {false, true}) {
      Net mean({4, 11, 8});
      const Value y = mean.builder.add<AvgPoolOp>("p", {.kernel = 3, .stride = 2, .pad = 1, .ceil = ceil, .count_include_pad = include},
                                                  {mean.conv("c", mean.builder.pixels(), 8, 3, {})});
      expect_true(std::move(mean).finish(y), 3);
    }
  }
}

TEST(FastEngine, AgreesOnMaxPoolsWhoseWindowsLieSideBySide) {
  for (const int64_t channels : {8, 16, 20, 64})
    for (const int64_t kernel : {2, 3})
      for (const bool ceil : {false, true}) {
        Net net({4, 11, 9});
        const Value x = net.conv("c", net.builder.pixels(), channels, 3, {.pad = 1});
        expect_true(std::move(net).finish(net.builder.add<MaxPoolOp>("p", {.kernel = kernel, .stride = kernel, .ceil = ceil}, {x})), 3);
      }
}

TEST(FastEngine, GivesAWindowsGradientToTheFirstOfEqualNumbers) {
  Net net({1, 4, 4});
  const Value x = net.builder.add<MaxPoolOp>("p", {.kernel = 2, .stride = 2}, {net.relu(net.builder.pixels())});
  const Graph graph = std::move(net).finish(x);
  Request request = request_for(Purpose::explain, 1);
  const auto program = compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request);
  fill(program->input(kPixels), 0.5f);
  fill(program->input(kLabels), 0);
  program->run({});
  const Tensor& dx = program->gradient("pixels");
  for (int64_t i = 0; i < 16; ++i) EXPECT_EQ(dx[i] != 0, i % 2 == 0 && i / 4 % 2 == 0) << i;
}

/** An activation behind a convolution and behind a linear layer, with channels that do not fill their last block. */
template <typename T>
Graph network_with(typename T::Options options) {
  Net net({3, 8, 8});
  Value x = net.builder.add<T>("act0", options, {net.conv("conv0", net.builder.pixels(), 11, 3, {.pad = 1, .bias = true})});
  x = net.builder.add<T>("act1", options, {net.conv("conv1", x, 20, 3, {.stride = 2, .pad = 1})});
  const Value hidden = net.linear("hidden", net.builder.add<FlattenOp>("flatten", {}, {x}), 19);
  const Value logits = net.linear("classes", net.builder.add<T>("act2", options, {hidden}), 5);
  return std::move(net.builder).finish(logits);
}

TEST(FastEngine, AgreesOnActivationsBehindConvolutionsAndLinearLayers) {
  expect_true(network_with<Relu6Op>({}), 4, 1e-4);
  expect_true(network_with<ClampOp>({-0.5, 1.5}), 4, 1e-4);
  expect_true(network_with<ClampOp>({0.25, 1.5}), 4, 1e-4);
  expect_true(network_with<LeakyReluOp>({.slope = 0.2}), 4, 1e-4);
  expect_true(network_with<EluOp>({.alpha = 1.5}), 4, 1e-4);
  expect_true(network_with<CeluOp>({.alpha = 0.3}), 4, 1e-4);
  expect_true(network_with<SeluOp>({}), 4, 1e-4);
  expect_true(network_with<TanhOp>({}), 4, 1e-4);
  expect_true(network_with<SigmoidOp>({}), 4, 1e-4);
  expect_true(network_with<RReluOp>({.stream = "slopes"}), 4, 1e-4);
}

TEST(FastEngine, DoesAnActivationInPassingUnlessSomebodyLooksBetween) {
  const Graph graph = network_with<LeakyReluOp>({});
  const auto steps = [&](const Names& taps) {
    Request request = request_for(Purpose::predict, 2);
    request.taps = taps;
    const auto program = compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request);
    const auto times = program->profile({}, 1);
    return std::count_if(times.begin(), times.end(), [](const StepTime& s) { return s.step.ends_with("leaky-relu"); });
  };
  EXPECT_EQ(steps({}), 0);
  EXPECT_EQ(steps({"act1"}), 0);
  EXPECT_EQ(steps({"conv1"}), 1);
}

/** An activation behind each kind of node that could take it in: convolution, batch norm, sum, norm by position, linear layer. */
template <typename T>
Graph network_of_neighbours() {
  Net net({3, 8, 8});
  const auto act = [&](Value x) { return net.builder.add<T>("act", {}, {x}); };
  const Value x = act(net.conv("conv0", net.builder.pixels(), 11, 3, {.pad = 1, .bias = true}));
  Value y = act(net.norm("bn1", net.conv("conv1", x, 11, 3, {.pad = 1})));
  y = act(net.add(net.norm("bn2", net.conv("conv2", y, 11, 3, {.pad = 1})), x));
  y = act(net.norm("bn3", y, true));
  const Value hidden = act(net.linear("hidden", net.builder.add<FlattenOp>("flatten", {}, {y}), 19));
  const Value logits = net.linear("classes", hidden, 5);
  return std::move(net.builder).finish(logits);
}

/** Only what is above 0 goes on down: Springenberg et al. 2015, section 3.4. `asked` counts how often. */
Rule guided(int& asked) {
  return [&asked](const Op& op, GradientSite& site) {
    ++asked;
    const Value positive = site.add("positive", std::make_shared<ReluOp>(NoOptions{}), {site.upstream()});
    const auto backward = std::make_shared<ActivationBackwardOp>(dynamic_cast<const HasActivation&>(op).activation());
    site.give(0, site.add("guided", backward, {site.out(), positive}));
  };
}

/** Gradients for the pixels by an engine. */
Tensor slopes_by(const std::string& engine, const Graph& graph, const Rules& rules) {
  Request request = request_for(Purpose::explain, 4);
  request.rules = rules;
  const auto program = engines().make(engine)->compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request);
  fill_inputs(*program, request);
  program->run({});
  return program->gradient("pixels");
}

template <typename T>
void expect_a_rule_to_see_all() {
  const Graph graph = network_of_neighbours<T>();
  int by_reference = 0, by_fast = 0;
  const std::string kind(T::kKind);
  const Tensor exact = slopes_by("reference", graph, {{kind, guided(by_reference)}});
  const Tensor fast = slopes_by("onednn", graph, {{kind, guided(by_fast)}});
  EXPECT_EQ(by_reference, 5) << kind;
  EXPECT_GE(by_fast, 5) << kind;
  EXPECT_EQ(by_fast % 5, 0) << kind;  // once for the batch and once for its slices
  EXPECT_LE(relative_error(fast, exact), 1e-4f) << kind;
  EXPECT_GT(relative_error(fast, slopes_by("onednn", graph, {})), 1e-2f) << kind;
}

TEST(ARule, SeesEveryActivationOnTheFastEngineAsOnTheReference) {
  each_activation([]<typename T>() { expect_a_rule_to_see_all<T>(); });
  expect_a_rule_to_see_all<ClampOp>();
}

TEST(ARule, HoldsInTrainingToo) {
  const Graph graph = network_of_neighbours<ReluOp>();
  int asked = 0;
  Request request = request_for(Purpose::train, 4);
  request.rules = {{"relu", guided(asked)}};
  const auto program =
      engines().make("check", {{"tolerance", 1e-3}})->compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request);
  fill_inputs(*program, request);
  EXPECT_NO_THROW(program->run({}));
  EXPECT_EQ(asked, 10);  // five for each engine
}

TEST(ARule, SeesConvolutionsAndSumsByThemselves) {
  const Graph graph = residual_network(16);
  Request request = request_for(Purpose::explain, 4);
  int convolutions = 0, sums = 0;
  request.rules["conv2d"] = [&](const Op& op, GradientSite& site) {
    const Conv2dOptions& o = as<Conv2dOp>(op)->get();
    EXPECT_TRUE(!o.activation && !o.residual && !o.bias);
    ++convolutions;
    op.gradient(site);
  };
  request.rules["add"] = [&](const Op& op, GradientSite& site) {
    ++sums;
    op.gradient(site);
  };
  const auto program =
      engines().make("check", {{"tolerance", 1e-3}})->compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request);
  fill_inputs(*program, request);
  EXPECT_NO_THROW(program->run({}));
  EXPECT_EQ(convolutions % 6, 0);
  EXPECT_GE(convolutions, 12);
  EXPECT_GE(sums, 4);
}

TEST(ARule, SeesTheActivationBehindPerturbations) {
  Net net({3, 8, 8});
  const Value x = net.conv("conv", net.builder.pixels(), 6, 3, {.pad = 1, .bias = true});
  const Value y = net.builder.add<PerturbMixOp>(
      "mix", {.level = 0.3},
      {x, net.builder.parameter("masks", {6, 3, 8, 8}, "zeros"), net.builder.parameter("mix.weight", {12, 3, 1, 1}, "zeros"),
       net.builder.parameter("mix.bias", {12}, "zeros")});
  const Graph graph = std::move(net).finish(y);
  int asked = 0;
  const Tensor exact = slopes_by("reference", graph, {{"relu", guided(asked)}});
  EXPECT_EQ(asked, 1);
  EXPECT_LE(relative_error(slopes_by("onednn", graph, {{"relu", guided(asked)}}), exact), 1e-4f);
  EXPECT_GT(relative_error(exact, slopes_by("onednn", graph, {})), 1e-2f);
}

TEST(FastEngine, AgreesOnBranchesThatMeetInAConcatAndOnPads) {
  Net net({3, 8, 8});
  const Value x = net.builder.add<PadOp>("pad", {.top = 1, .right = 2, .value = 0.5}, {net.conv("conv0", net.builder.pixels(), 16, 3, {})});
  std::vector<Value> branches;
  for (const int64_t width : {16, 5, 32})
    branches.push_back(net.relu(net.conv(fmt::format("branch{}", width), x, width, 3, {.pad = 1, .bias = true})));
  expect_true(std::move(net).finish(net.conv("conv1", net.builder.add<ConcatOp>("concat", {3}, branches), 16, 1, {})), 4, 1e-3);
}

TEST(FastEngine, TapsAndGradientsOfADropoutAreThoseOfItsInputAtInference) {
  Net net({3, 8, 8});
  const Value x = net.builder.add<DropoutOp>("drop", {0.5, "drop"}, {net.conv("conv", net.builder.pixels(), 16, 3, {.pad = 1})});
  const Graph graph = std::move(net).finish(net.relu(x));
  Request request = request_for(Purpose::explain, 2);
  request.taps = {"conv", "drop"};
  request.gradients = {"conv", "drop"};
  const auto program =
      engines().make("check", {{"tolerance", kSum}})->compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request);
  fill_inputs(*program, request);
  program->run({});
  EXPECT_EQ(max_difference(program->tap("conv"), program->tap("drop")), 0);
  EXPECT_EQ(max_difference(program->gradient("conv"), program->gradient("drop")), 0);
}

TEST(FastEngine, SlicesGiveWhatTheWholeBatchGives) {
  const Graph graph = residual_network(16);
  for (const Purpose purpose : {Purpose::predict, Purpose::explain}) {
    const Request request = request_for(purpose, 12);
    std::vector<Tensor> logits, gradients;
    for (const int slice : {-1, 1, 2, 5}) {
      const auto program =
          engines().make("onednn", {{"slice", slice}})->compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request);
      fill_inputs(*program, request);
      program->run({});
      logits.push_back(program->logits());
      if (purpose == Purpose::explain) gradients.push_back(program->gradient("pixels"));
    }
    for (const Tensor& t : logits) EXPECT_LE(relative_error(t, logits[0]), kSum);
    for (const Tensor& t : gradients) EXPECT_LE(relative_error(t, gradients[0]), 1e-3f);
  }
}

TEST(FastEngine, ComputesInBf16CloseToFp32) {
  if (!machine().bf16) GTEST_SKIP() << "this processor has no bf16";
  const Graph graph = residual_network(16);
  for (const Purpose purpose : {Purpose::predict, Purpose::train}) {
    const Request request = request_for(purpose, 16, Precision::bf16);
    const auto program = engines()
                             .make("check", {{"tolerance", purpose == Purpose::train ? 0.3 : kBf16}})
                             ->compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request);
    fill_inputs(*program, request);
    EXPECT_NO_THROW(program->run({}));
  }
}

TEST(FastEngine, ComputesWideConvolutionsInBf16CloseToFp32) {
  if (!machine().bf16) GTEST_SKIP() << "this processor has no bf16";
  const int before = threads();
  set_threads(1);       // no slices: the whole batch is there
  Net net({32, 4, 5});  // without a ReLU, which near 0 opens for one precision and not for the other
  const Value a = net.conv("a", net.builder.pixels(), 48, 3, {.pad = 1, .bias = true});
  const Value b = net.conv("b", a, 48, 3, {.pad = 1});
  const Value c = net.add(net.conv("c", b, 48, 3, {.pad = 1, .bias = true}), a);
  const Value d = net.conv("d", c, 64, 3, {.stride = 2, .pad = 1});
  const Graph graph = std::move(net).finish(net.add(d, net.conv("e", c, 64, 1, {.stride = 2})));
  for (const int64_t batch : {16, 35})
    for (const Purpose purpose : {Purpose::predict, Purpose::explain, Purpose::train}) {
      const Request request = request_for(purpose, batch, Precision::bf16);
      const auto weights = std::make_shared<Weights>(graph, some_weights(graph));
      const auto program = engines().make("check", {{"tolerance", kBf16}})->compile(graph, weights, request);
      fill_inputs(*program, request);
      EXPECT_NO_THROW(program->run({})) << "purpose " << static_cast<int>(purpose) << ", batch " << batch;
      const auto kernels = compile(graph, weights, request)->kernels();
      EXPECT_EQ(std::ranges::count(kernels, "amx") > 0, kernels::amx_runs());
    }
  set_threads(before);
}

TEST(FastEngine, RefusesBf16WhereTheProcessorLacksIt) {
  if (machine().bf16) GTEST_SKIP() << "this processor has bf16";
  const Graph graph = residual_network(16);
  EXPECT_THROW(compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request_for(Purpose::predict, 1, Precision::bf16)),
               Error);
}

TEST(FastEngine, GivesTheSameBytesEachTime) {
  const Graph graph = residual_network(16);
  const Request request = request_for(Purpose::train, 16);
  std::vector<std::vector<float>> all;
  for (int i = 0; i < 2; ++i) {
    const auto program = compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request);
    fill_inputs(*program, request);
    for (int run = 0; run < 2; ++run) {
      program->run({});
      const auto gradients = program->parameter_gradients();
      all.emplace_back(gradients.begin(), gradients.end());
    }
  }
  for (const auto& gradients : all) EXPECT_EQ(std::memcmp(gradients.data(), all[0].data(), gradients.size() * sizeof(float)), 0);
}

TEST(FastEngine, TapsGiveTheValuesOfNodesThatWouldBeFolded) {
  const Graph graph = residual_network(16);
  Request request = request_for(Purpose::predict, 3);
  request.taps = {"conv1", "bn4", "add", "conv3/stride-1"};
  const auto program =
      engines().make("check", {{"tolerance", kSum}})->compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request);
  fill_inputs(*program, request);
  program->run({});
  EXPECT_EQ(program->tap("conv3/stride-1").shape(), (Shape{3, 32, 10, 8}));
  EXPECT_EQ(program->tap("conv1").shape(), (Shape{3, 16, 10, 8}));
  EXPECT_THROW(program->tap("conv2"), Error);
}

TEST(FastEngine, SaysWhichNodesAreNearestToAnUnknownTap) {
  const Graph graph = residual_network(16);
  Request request = request_for(Purpose::predict, 1);
  request.taps = {"convv3"};
  try {
    compile(graph, std::make_shared<Weights>(graph, some_weights(graph)), request);
    FAIL() << "an unknown node was accepted";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("conv3"), std::string::npos) << e.what();
  }
}

TEST(FastEngine, LetsANaNReachTheLossOfATraining) {
  const Graph graph = residual_network(16);
  auto tensors = some_weights(graph);
  tensors.at("bn1.beta")[3] = std::nanf("");
  const Request request = request_for(Purpose::train, 2);
  const auto program = compile(graph, std::make_shared<Weights>(graph, tensors), request);
  fill_inputs(*program, request);
  program->run({});
  EXPECT_FALSE(std::isfinite(program->objective()));
}

TEST(FastEngine, LetsANaNThroughEveryActivationOfATraining) {
  const auto objective = [](const Graph& graph) {
    auto tensors = some_weights(graph);
    tensors.at("conv0.bias")[3] = std::nanf("");
    const auto program = compile(graph, std::make_shared<Weights>(graph, tensors), request_for(Purpose::train, 2));
    fill_inputs(*program, request_for(Purpose::train, 2));
    program->run({});
    return program->objective();
  };
  EXPECT_TRUE(std::isnan(objective(network_with<ReluOp>({}))));
  EXPECT_TRUE(std::isnan(objective(network_with<Relu6Op>({}))));
  EXPECT_TRUE(std::isnan(objective(network_with<LeakyReluOp>({}))));
  EXPECT_TRUE(std::isnan(objective(network_with<EluOp>({}))));
  EXPECT_TRUE(std::isnan(objective(network_with<CeluOp>({}))));
  EXPECT_TRUE(std::isnan(objective(network_with<SeluOp>({}))));
  EXPECT_TRUE(std::isnan(objective(network_with<TanhOp>({}))));
  EXPECT_TRUE(std::isnan(objective(network_with<SigmoidOp>({}))));
  EXPECT_TRUE(std::isnan(objective(network_with<RReluOp>({.stream = "slopes"}))));
}

TEST(FastEngine, KeepsABlockOfOneConvolutionApartFromItsOwnInput) {
  Net net({16, 8, 8});
  const Value x = net.conv("conv0", net.builder.pixels(), 16, 3, {.pad = 1});
  expect_true(std::move(net).finish(net.relu(net.add(net.conv("conv1", x, 16, 3, {.pad = 1}), x))), 3, 1e-3);
}

TEST(FastEngine, RunsWithTheThreadsItWasCompiledFor) {
  const Graph graph = residual_network(16);
  const Request request = request_for(Purpose::train, 4);
  const int before = threads();
  set_threads(1);
  const auto weights = std::make_shared<Weights>(graph, some_weights(graph));
  const auto program = engines().make("check", {{"tolerance", 1e-3}})->compile(graph, weights, request);
  fill_inputs(*program, request);
  set_threads(4);
  EXPECT_NO_THROW(program->run({}));
  set_threads(before);
}

TEST(FastEngine, PredictsWithTheStatisticsThatTrainingJustWrote) {
  const Graph graph = residual_network(16);
  const auto weights = std::make_shared<Weights>(graph, some_weights(graph));
  const auto train = compile(graph, weights, request_for(Purpose::train, 4));
  const auto predict = engines().make("check", {{"tolerance", kSum}})->compile(graph, weights, request_for(Purpose::predict, 2));
  fill_inputs(*train, request_for(Purpose::train, 4));
  fill_inputs(*predict, request_for(Purpose::predict, 2));
  predict->run({});
  train->run({});
  EXPECT_NO_THROW(predict->run({}));
}

TEST(WeightStore, KeepsItsNumbersWhenTrainingLaysItOutAnew) {
  const Graph graph = residual_network(11);
  const auto before = some_weights(graph);
  const auto weights = std::make_shared<Weights>(graph, before);
  const auto predict = compile(graph, weights, request_for(Purpose::predict, 2));
  fill_inputs(*predict, request_for(Purpose::predict, 2));
  predict->run({});
  const Tensor first = predict->logits();
  const auto train = compile(graph, weights, request_for(Purpose::train, 4));  // arranges the store
  EXPECT_EQ(weights->arrangement(), 1u);
  for (const auto& [name, tensor] : before) EXPECT_EQ(max_difference(weights->get(name), tensor), 0) << name;
  predict->run({});  // was compiled for the old layout and keeps its inputs
  EXPECT_LE(relative_error(predict->logits(), first), static_cast<float>(kSum));
}

TEST(WeightStore, KeepsPaddingZeroThroughUpdates) {
  const Graph graph = residual_network(11);  // 11 channels lie in blocks of 16
  const auto weights = std::make_shared<Weights>(graph, some_weights(graph));
  const Request request = request_for(Purpose::train, 4);
  const auto program = compile(graph, weights, request);
  fill_inputs(*program, request);
  for (int step = 0; step < 3; ++step) {
    program->run({});
    const auto gradients = program->parameter_gradients();
    for (size_t i = 0; i < gradients.size(); ++i) weights->trained()[i] -= 0.01f * gradients[i];
    weights->changed();
  }
  // What lies in the store beyond the tensors' own numbers: laying the plain tensors out again must give the same bytes.
  std::vector<float> again(weights->trained().size());
  weights->from_plain(weights->to_plain(weights->trained()), again);
  EXPECT_EQ(std::memcmp(again.data(), weights->trained().data(), again.size() * sizeof(float)), 0);
}

TEST(WeightStore, NamesTheParameterThatHasNoTensor) {
  const Graph graph = residual_network(16);
  auto tensors = some_weights(graph);
  tensors.erase("conv3.weight");
  EXPECT_THROW(Weights(graph, tensors), Error);
}

}  // namespace
}  // namespace convscope

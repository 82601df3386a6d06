#include <gtest/gtest.h>

#include <algorithm>

#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/resample.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/adaptive_avg_pool.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/concat.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/dropout.h"
#include "convscope/nn/flatten.h"
#include "convscope/nn/join.h"
#include "convscope/nn/layer_norm.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/normalize.h"
#include "convscope/nn/pool.h"

namespace convscope {
namespace {

struct Facts {
  std::string name;
  Shape shape;
  std::string init;
  bool trained;
  bool operator==(const Facts&) const = default;
};

std::vector<Facts> facts(Builder&& graph, Value output) {
  std::vector<Facts> all;
  for (const ParameterInfo& p : parameters(std::move(graph).finish(output))) all.push_back({p.name, p.shape, p.init, p.trained});
  return all;
}

template <typename Deed>
std::string error_of(Deed deed) {
  try {
    deed();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

class EveryLayer : public testing::TestWithParam<std::string> {};

TEST_P(EveryLayer, BuildsWithItsDefaultsAndNamesItsNodeAndParameters) {
  Builder graph({3, 8, 8});
  const auto inside = graph.scope("block");
  Value x = graph.pixels();
  if (GetParam() == "softmax" || GetParam() == "unflatten") x = Flatten({}).build(graph, "flatten", x);
  Json options = json_object();  // of layers that have no sense without
  if (GetParam() == "unflatten") options["features"] = {192, 1, 1};
  if (GetParam() == "gather-channels") options["channels"] = {2, 0};
  if (GetParam() == "resample") options = {{"rows", {0, 4}}, {"columns", {1}}};
  if (GetParam() == "mixed-masks") options["filters"] = 6;
  const auto layer = layers().make(GetParam(), options);
  const bool joins = GetParam() == "add" || GetParam() == "multiply";
  const Value y = joins ? layer->join(graph, "it", {x, x}) : layer->build(graph, "it", x);
  if (GetParam() == "normalize") {  // nothing to say, nothing to do
    EXPECT_EQ(y, x);
    return;
  }
  EXPECT_EQ(graph.shape(y)[0], 1);
  const Graph built = std::move(graph).finish(y);
  const bool of_several_nodes =
      GetParam() == "layer-scale" || GetParam().ends_with("masks") || GetParam().ends_with("perturb") || GetParam() == "noise";
  EXPECT_TRUE(of_several_nodes ? built.name(y).starts_with("block.it.") : built.name(y) == "block.it") << built.name(y);
  for (const ParameterInfo& p : parameters(built)) EXPECT_TRUE((p.name + ".").starts_with("block.it.")) << p.name;
}

INSTANTIATE_TEST_SUITE_P(OfTheTable, EveryLayer, testing::ValuesIn(layers().names()), [](const auto& tested) {
  std::string name = tested.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Conv2d, HasWeightAndBiasOfItsFiltersAndGroups) {
  Builder graph({6, 9, 7});
  const Value y =
      Conv2d({.filters = 4, .kernel = 5, .stride = 2, .pad = 2, .groups = 2, .bias_init = "pytorch"}).build(graph, "conv", graph.pixels());
  EXPECT_EQ(graph.shape(y), (Shape{1, 4, 5, 4}));
  EXPECT_EQ(facts(std::move(graph), y),
            (std::vector<Facts>{{"conv.weight", {4, 3, 5, 5}, "he-normal", true}, {"conv.bias", {4}, "pytorch,fan_in=75", true}}));
}

TEST(Conv2d, UsedTwiceUnderOneNameSharesItsWeights) {
  Builder graph({4, 8, 8});
  const Conv2d conv({.filters = 4});
  Value y = conv.build(graph, "conv", graph.pixels());
  y = conv.build(graph, "conv", y);
  const Graph built = std::move(graph).finish(y);
  EXPECT_EQ(parameters(built).size(), 2u);
  EXPECT_EQ(built.name(y), "conv.2");
}

TEST(Conv2d, SaysWhatDoesNotFit) {
  Builder graph({3, 8, 8});
  const auto inside = graph.scope("layer1");
  EXPECT_EQ(error_of([&] { Conv2d({.filters = 4, .groups = 2}).build(graph, "conv", graph.pixels()); }),
            "conv2d 'layer1.conv': 3 channels and 4 filters cannot be split into 2 groups");
  EXPECT_NE(error_of([&] { Conv2d({.stride = 0}).build(graph, "conv", graph.pixels()); }).find("conv2d 'layer1.conv': "),
            std::string::npos);
}

TEST(Linear, TakesPicturesAsRowsOfNumbers) {
  Builder graph({2, 3, 4});
  const Value y = Linear({.features = 5}).build(graph, "fc", graph.pixels());
  EXPECT_EQ(graph.shape(y), (Shape{1, 5}));
  EXPECT_EQ(facts(std::move(graph), y),
            (std::vector<Facts>{{"fc.weight", {5, 24}, "pytorch", true}, {"fc.bias", {5}, "pytorch,fan_in=24", true}}));
}

TEST(BatchNorm, KeepsItsStatisticsApartFromWhatIsTrained) {
  Builder graph({2, 3, 4});
  const Value y = BatchNorm({}).build(graph, "bn", graph.pixels());
  EXPECT_EQ(facts(std::move(graph), y), (std::vector<Facts>{{"bn.weight", {2}, "ones", true},
                                                            {"bn.bias", {2}, "zeros", true},
                                                            {"bn.running_mean", {2}, "zeros", false},
                                                            {"bn.running_var", {2}, "ones", false}}));
}

TEST(BatchNorm, ByActivationHasStatisticsForEveryPositionAndOneScaleIfAsked) {
  Builder graph({2, 3, 4});
  const Value y = BatchNorm({.per_activation = true, .scalar_scale = true}).build(graph, "bn", graph.pixels());
  EXPECT_EQ(facts(std::move(graph), y), (std::vector<Facts>{{"bn.weight", {1}, "ones", true},
                                                            {"bn.bias", {1}, "zeros", true},
                                                            {"bn.running_mean", {2, 3, 4}, "zeros", false},
                                                            {"bn.running_var", {2, 3, 4}, "ones", false}}));
}

TEST(Dropout, DrawsFromAStreamOfItsPath) {
  Builder graph({2, 3, 4});
  const auto inside = graph.scope("head");
  const Value y = Dropout({.rate = 0.3}).build(graph, "dropout", graph.pixels());
  const Graph built = std::move(graph).finish(y);
  EXPECT_EQ(as<DropoutOp>(*built.node(y).op)->get().stream, "head.dropout");
  EXPECT_EQ(as<DropoutOp>(*built.node(y).op)->get().rate, 0.3);
}

TEST(PRelu, LearnsOneSlopeForAllOrOneForEachChannelFromAQuarter) {
  for (const bool channels : {false, true}) {
    Builder graph({2, 3, 4});
    const Value y = PRelu({.channels = channels}).build(graph, "act", graph.pixels());
    const Shape slopes = channels ? Shape{2} : Shape{1};
    EXPECT_EQ(facts(std::move(graph), y), (std::vector<Facts>{{"act.weight", slopes, "constant,value=0.25", true}}));
  }
}

TEST(PRelu, UsedTwiceUnderOneNameSharesItsSlope) {
  Builder graph({2, 3, 4});
  const auto act = activation("prelu", "model 'it'");
  const Value y = act->build(graph, "act", act->build(graph, "act", graph.pixels()));
  EXPECT_EQ(parameters(std::move(graph).finish(y)).size(), 1u);
}

TEST(RRelu, DrawsFromAStreamOfItsPath) {
  Builder graph({2, 3, 4});
  const auto inside = graph.scope("block");
  const Value y = RRelu({}).build(graph, "act", graph.pixels());
  const Graph built = std::move(graph).finish(y);
  EXPECT_EQ(as<RReluOp>(*built.node(y).op)->get().stream, "block.act");
}

TEST(ActivationByName, TakesTheNamesThatModelsUseAndShowsThemForAnother) {
  for (const char* name : {"relu", "relu6", "lrelu", "leaky-relu", "prelu", "rrelu", "elu", "celu", "selu", "tanh", "sigmoid"}) {
    Builder graph({2, 3, 4});
    EXPECT_EQ(graph.shape(activation(name, "model 'it'")->build(graph, "act", graph.pixels())), (Shape{1, 2, 3, 4})) << name;
  }
  EXPECT_NE(error_of([] { activation("softmax", "model 'it'"); }).find("model 'it': option 'act' cannot be 'softmax'"), std::string::npos);
}

TEST(Concat, PutsChannelsOneBehindTheOther) {
  Builder graph({2, 3, 4});
  const Value y = concat(graph, "both", {graph.pixels(), graph.pixels(), graph.pixels()});
  EXPECT_EQ(graph.shape(y), (Shape{1, 6, 3, 4}));
}

TEST(Normalize, TakesOneNumberForAllChannelsAndRefusesAnyOtherCount) {
  Builder graph({3, 4, 4});
  const Value y = Normalize({{0.5}, {0.1, 0.2, 0.3}}).build(graph, "normalize", graph.pixels());
  EXPECT_EQ(error_of([&] {
              Normalize({{0.5, 0.5}, {1}}).build(graph, "normalize", graph.pixels());
            }),
            "normalize 'normalize': 2 means and 1 standard deviations for pictures of 3 channels; one each, or one for all, was wanted");
  EXPECT_NE(error_of([&] { Normalize({{0.5}, {0}}).build(graph, "n", graph.pixels()); }).find("must be above 0"), std::string::npos);
  const Graph built = std::move(graph).finish(y);
  EXPECT_EQ(as<NormalizeOp>(*built.node(y).op)->get().mean, (std::vector<double>{0.5, 0.5, 0.5}));
}

TEST(Joins, TakeSeveralValuesAndOthersTakeOne) {
  Builder graph({3, 4, 4});
  const Value x = graph.pixels(), y = Relu({}).build(graph, "relu", x);
  const Value sum = Add({}).join(graph, "sum", {x, y, x}),
              gated = Multiply({}).join(graph, "gated", {sum, GlobalAvgPool({}).build(graph, "gate", y)});
  EXPECT_EQ(graph.shape(Concat({}).join(graph, "all", {sum, gated})), (Shape{1, 6, 4, 4}));
  EXPECT_EQ(error_of([&] { Add({}).build(graph, "alone", x); }), "add 'alone' of one value; two or more were wanted");
  EXPECT_EQ(error_of([&] { Relu({}).join(graph, "two", {x, y}); }), "'two' takes one value, not 2; add, multiply and concat take several");
}

TEST(AdaptiveAvgPool, IsWhatItIsGivenAtItsOwnSizeAndEvenWindowsOtherwise) {
  Builder graph({2, 5, 3});
  const Value same = AdaptiveAvgPool({.rows = 5, .columns = 3}).build(graph, "same", graph.pixels());
  const Value other = AdaptiveAvgPool({.rows = 2, .columns = 4}).build(graph, "other", graph.pixels());
  EXPECT_EQ(graph.shape(other), (Shape{1, 2, 2, 4}));
  const Graph built = std::move(graph).finish(other);
  EXPECT_EQ(built.node(same).op->kind(), "identity");
  const auto& o = as<ResampleOp>(*built.node(other).op)->get();
  // PyTorch: rows [0, 3) and [2, 5); columns [0, 1), [0, 2), [1, 3), [2, 3).
  EXPECT_EQ(o.rows, (std::vector<int64_t>{0, 1, 2, 2, 3, 4}));
  EXPECT_EQ(o.columns, (std::vector<int64_t>{0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2}));
  EXPECT_EQ(o.column_weights, (std::vector<double>{1, 0, 0, 0.5, 0.5, 0, 0.5, 0.5, 0, 1, 0, 0}));
}

TEST(LayerScale, CarriesTheLayersOwnName) {
  Builder graph({3, 2, 2});
  const Value y = LayerScale({.start = 0.5}).build(graph, "layer_scale", graph.pixels());
  EXPECT_EQ(facts(std::move(graph), y), (std::vector<Facts>{{"layer_scale", {3, 1, 1, 1}, "constant,value=0.5", true}}));
}

}  // namespace
}  // namespace convscope

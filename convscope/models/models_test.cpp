#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"

namespace convscope {
namespace {

Graph build(std::string_view model, const Shape& image, int64_t classes, const Normalization& normalization = {}) {
  return models().make(parse_choice(model))->build(image, classes, normalization);
}

Graph usual(std::string_view model) {
  const Task task = models().make(parse_choice(model))->usual_task();
  return build(model, task.image, task.classes);
}

std::set<std::string> parameter_names(const Graph& graph) {
  std::set<std::string> names;
  for (const ParameterInfo& p : parameters(graph)) names.insert(p.name);
  return names;
}

std::string init_of(const Graph& graph, std::string_view name) {
  for (const ParameterInfo& p : parameters(graph))
    if (p.name == name) return p.init;
  return "";
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

class EveryModel : public testing::TestWithParam<std::string> {};

TEST_P(EveryModel, AnswersWithLogitsForItsUsualTaskAndForOtherClasses) {
  const auto model = models().make(GetParam());
  const Task task = model->usual_task();
  for (const int64_t classes : {task.classes, int64_t{7}}) {
    const Graph graph = model->build(task.image, classes);
    EXPECT_EQ(graph.shape(graph.output), (Shape{1, classes}));
    EXPECT_TRUE(as<LinearOp>(*graph.node(graph.output).op)) << "logits, not probabilities";
    EXPECT_EQ(graph.shape(graph.at(kPixels)), (Shape{1, task.image[0], task.image[1], task.image[2]}));
  }
}

TEST_P(EveryModel, TakesOtherPicturesThanItsUsualOnes) {
  const Graph colour = build(GetParam(), {3, 64, 48}, 5);
  EXPECT_EQ(colour.shape(colour.output), (Shape{1, 5}));
}

TEST_P(EveryModel, NormalisesFirstWhereAsked) {
  const Normalization normalization{{0.5}, {0.25}};
  const Graph graph = build(GetParam(), {3, 32, 32}, 10, normalization);
  const Value first = graph.at("normalize");
  EXPECT_TRUE(as<NormalizeOp>(*graph.node(first).op));
  EXPECT_EQ(graph.node(first).inputs, std::vector<Value>{graph.at(kPixels)});
  const auto readers = graph.readers();
  EXPECT_EQ(readers[static_cast<size_t>(graph.at(kPixels).node)], std::vector<int>{first.node});
}

TEST_P(EveryModel, IsTheSameAfterBeingWrittenAndRead) {
  const Graph graph = build(GetParam(), {3, 32, 32}, 10, {{0.5}, {0.25}});
  const Json written = to_json(graph);
  const Graph read = graph_from_json(parse_json(written.dump(), "test"), "test");
  EXPECT_EQ(to_json(read).dump(), written.dump());
  EXPECT_EQ(read.output, graph.output);
  EXPECT_EQ(parameter_count(read), parameter_count(graph));
}

TEST_P(EveryModel, CanBeInitialised) {
  const Graph graph = usual(GetParam());
  const auto tensors = initialise(graph, 1);
  EXPECT_EQ(tensors.size(), parameters(graph).size());
  for (const auto& [name, t] : tensors) EXPECT_TRUE(all_finite(t.span())) << name;
}

TEST_P(EveryModel, HasNoNodeThatNobodyReads) {
  const Graph graph = build(GetParam(), {3, 32, 32}, 10);
  const auto readers = graph.readers();
  for (size_t i = 0; i < readers.size(); ++i) {
    if (static_cast<int>(i) == graph.output.node) continue;
    EXPECT_FALSE(readers[i].empty()) << graph.node(static_cast<int>(i)).name;
  }
}

INSTANTIATE_TEST_SUITE_P(OfTheTable, EveryModel, testing::ValuesIn(models().names()), [](const auto& tested) {
  std::string name = tested.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// Published counts (deep, medium, scratch, resnet18 and resnet34 of torchvision) and counts by hand, the CIFAR networks' with the bias of
// the last layer.
TEST(ParameterCounts, AreThePublishedOnes) {
  EXPECT_EQ(parameter_count(usual("deep")), 179'728);
  EXPECT_EQ(parameter_count(build("deep", {3, 256, 256}, 2)), 179'608);
  EXPECT_EQ(parameter_count(usual("medium")), 50'176);
  EXPECT_EQ(parameter_count(build("medium", {3, 256, 256}, 5)), 4'228'129);
  EXPECT_EQ(parameter_count(usual("scratch")), 307'510);
  EXPECT_EQ(parameter_count(usual("scratch,norm=per-channel")), 308'394);
  EXPECT_EQ(parameter_count(usual("resnet20")), 269'722);
  EXPECT_EQ(parameter_count(usual("resnet20,shortcut=projection")), 272'474);
  EXPECT_EQ(parameter_count(usual("resnet32")), 464'154);
  EXPECT_EQ(parameter_count(usual("resnet44")), 658'586);
  EXPECT_EQ(parameter_count(usual("resnet56")), 853'018);
  EXPECT_EQ(parameter_count(usual("resnet110")), 1'727'962);
  EXPECT_EQ(parameter_count(usual("resnet18")), 11'689'512);
  EXPECT_EQ(parameter_count(usual("resnet18,stem=cifar")), 11'173'962);
  EXPECT_EQ(parameter_count(usual("resnet34")), 21'797'672);
}

TEST(Deep, PoolsBehindEveryConvolutionButTheFifthUntilOnePixelIsLeft) {
  const auto pools = [](const Graph& graph) {
    std::vector<std::string> names;
    for (const Node& node : graph.nodes())
      if (node.op->kind() == "max-pool") names.push_back(node.name);
    return names;
  };
  EXPECT_EQ(pools(build("deep", {1, 28, 28}, 10)), (std::vector<std::string>{"pool1", "pool2", "pool3", "pool4"}));
  EXPECT_EQ(pools(build("deep", {3, 256, 256}, 2)),
            (std::vector<std::string>{"pool1", "pool2", "pool3", "pool4", "pool6", "pool7", "pool8", "pool9"}));
}

TEST(Deep, CarriesItsNames) {
  const Graph graph = usual("deep");
  std::set<std::string> wanted;
  for (int n = 1; n <= 9; ++n) wanted.insert({fmt::format("conv{}.weight", n), fmt::format("conv{}.bias", n)});
  for (int n = 1; n <= 3; ++n) wanted.insert({fmt::format("linear{}.weight", n), fmt::format("linear{}.bias", n)});
  EXPECT_EQ(parameter_names(graph), wanted);
  EXPECT_EQ(init_of(graph, "conv1.weight"), "glorot-uniform");
  EXPECT_EQ(init_of(graph, "linear3.bias"), "zeros");
}

TEST(Medium, UsesItsSecondConvolutionTwice) {
  const Graph graph = usual("medium");
  const std::set<std::string> wanted{"conv1.weight",   "conv1.bias",   "conv2.weight",   "conv2.bias",   "conv3.weight",   "conv3.bias",
                                     "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias", "linear3.weight", "linear3.bias"};
  EXPECT_EQ(parameter_names(graph), wanted);
  EXPECT_EQ(graph.node(graph.at("conv2.2")).inputs[1], graph.node(graph.at("conv2")).inputs[1]);
  EXPECT_EQ(init_of(graph, "conv1.bias"), "pytorch,fan_in=9");
  EXPECT_EQ(graph.shape(graph.at("pool4")), (Shape{1, 32, 1, 1}));
  EXPECT_NE(error_of([] { build("medium", {1, 15, 28}, 10); }).find("16×16 is the least"), std::string::npos);
}

TEST(Scratch, NormalisesBehindTheReluByPosition) {
  const Graph graph = usual("scratch");
  const Node& norm = graph.node(graph.at("bn6"));
  EXPECT_EQ(norm.inputs[0], graph.at("relu6"));
  const auto& options = as<BatchNormOp>(*norm.op)->get();
  EXPECT_TRUE(options.per_activation);
  EXPECT_FALSE(options.unbiased);
  EXPECT_EQ(options.eps, 1e-7);
  EXPECT_EQ(options.momentum, 0.01);
  EXPECT_EQ(graph.shape(graph.at("bn6.running_mean")), (Shape{128, 8, 8}));
  EXPECT_EQ(graph.shape(graph.at("bn6.weight")), (Shape{1}));
  std::vector<double> rates;
  for (const Node& node : graph.nodes())
    if (const auto* dropout = as<DropoutOp>(*node.op)) rates.push_back(dropout->get().rate);
  EXPECT_EQ(rates, (std::vector<double>{0.2, 0.3, 0.4}));
  EXPECT_FALSE(usual("scratch,dropout=false").find("dropout1"));
}

TEST(Scratch, StartsAsPublishedOrSanely) {
  const Graph faithful = usual("scratch"), he = usual("scratch,init=he");
  EXPECT_EQ(init_of(faithful, "conv4.weight"), "normal");
  EXPECT_EQ(init_of(faithful, "conv4.bias"), "normal");
  EXPECT_EQ(init_of(faithful, "linear.weight"), "scaled-normal");
  EXPECT_EQ(init_of(he, "conv4.weight"), "he-normal");
  EXPECT_EQ(init_of(he, "linear.bias"), "zeros");
  EXPECT_EQ(error_of([] { usual("scratch,init=keras"); }), "scratch: option 'init' cannot be 'keras'; known: faithful, he");
}

TEST(CifarResnet, ShortensItsIdentityShortcutsAndPadsTheirChannelsOnBothSides) {
  const Graph graph = usual("resnet20");
  EXPECT_EQ(graph.shape(graph.at("layer2.0.downsample.subsample")), (Shape{1, 16, 16, 16}));
  EXPECT_EQ(graph.node(graph.at("layer2.0.downsample.pad")).op->options(), (Json{{"before", 8}, {"after", 8}}));
  EXPECT_FALSE(graph.find("layer1.0.downsample.subsample"));
  EXPECT_EQ(graph.shape(graph.at("layer3.2.relu2")), (Shape{1, 64, 8, 8}));
  EXPECT_EQ(init_of(graph, "conv1.weight"), "he-normal,mode=fan-out");
  EXPECT_TRUE(usual("resnet20,shortcut=projection").find("layer2.0.downsample.0.weight"));
}

TEST(CifarResnet, HasAsManyWeightedLayersAsItsName) {
  for (const int depth : {20, 32, 44, 56, 110}) {
    const Graph graph = usual(fmt::format("resnet{}", depth));
    int layers = 0;
    for (const Node& node : graph.nodes()) layers += as<Conv2dOp>(*node.op) || as<LinearOp>(*node.op);
    EXPECT_EQ(layers, depth);
  }
}

// The state dict of torchvision.models.resnet18, without num_batches_tracked.
TEST(Resnet, CarriesTorchvisionsNames) {
  std::set<std::string> wanted{"conv1.weight", "fc.weight", "fc.bias"};
  const auto norm = [&](const std::string& name) {
    for (const char* what : {"weight", "bias", "running_mean", "running_var"}) wanted.insert(name + "." + what);
  };
  norm("bn1");
  for (int stage = 1; stage <= 4; ++stage) {
    for (int block = 0; block < 2; ++block) {
      const std::string at = fmt::format("layer{}.{}.", stage, block);
      for (const int n : {1, 2}) {
        wanted.insert(fmt::format("{}conv{}.weight", at, n));
        norm(fmt::format("{}bn{}", at, n));
      }
      if (stage > 1 && block == 0) {
        wanted.insert(at + "downsample.0.weight");
        norm(at + "downsample.1");
      }
    }
  }
  EXPECT_EQ(parameter_names(usual("resnet18")), wanted);
}

TEST(Resnet, HasPublishedMultiplyAddsAndSizes) {
  const Graph graph = usual("resnet18");
  EXPECT_EQ(graph.shape(graph.at("maxpool")), (Shape{1, 64, 56, 56}));
  EXPECT_EQ(graph.shape(graph.at("layer4.1.relu2")), (Shape{1, 512, 7, 7}));
  int64_t macs = 0;
  for (const Node& node : graph.nodes()) {
    std::vector<Shape> in;
    for (const Value v : node.inputs) in.push_back(graph.shape(v));
    macs += node.op->macs(in, node.shapes);
  }
  EXPECT_EQ(macs, 1'814'073'344);  // fvcore's count of torchvision's resnet18 without batch norm and pool
  const Graph small = build("resnet18,stem=cifar,width=44", {3, 32, 32}, 10);
  EXPECT_EQ(small.shape(small.at("conv1")), (Shape{1, 44, 32, 32}));
  EXPECT_EQ(small.shape(small.at("layer4.1.relu2")), (Shape{1, 352, 4, 4}));
}

TEST(Models, RefuseWhatTheyCannotBe) {
  EXPECT_NE(error_of([] { usual("resnet21"); }).find("no model 'resnet21'; did you mean 'resnet20'?"), std::string::npos);
  EXPECT_NE(error_of([] { usual("resnet18,wdith=64"); }).find("resnet18: no option 'wdith'; did you mean 'width'?"), std::string::npos);
  EXPECT_EQ(error_of([] { usual("resnet18,width=0"); }), "resnet18: option 'width' must lie between 1 and 4096, got 0");
  EXPECT_EQ(error_of([] { usual("resnet18,stem=cfar"); }),
            "resnet18: option 'stem' cannot be 'cfar'; did you mean 'cifar'?; known: imagenet, cifar");
  EXPECT_NE(error_of([] { build("deep", {28, 28}, 10); }).find("[channels, rows, columns]"), std::string::npos);
  EXPECT_NE(error_of([] { build("deep", {1, 28, 28}, 0); }).find("a network for 0 classes"), std::string::npos);
}

TEST(Models, WriteTheirOriginAsItIsReadBack) {
  for (const std::string text : {"deep", "resnet20,shortcut=identity", "resnet18,stem=cifar,width=44", "scratch,dropout=false"})
    EXPECT_EQ(origin(parse_choice(text)), text);
}

}  // namespace
}  // namespace convscope

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/models/model.h"
#include "convscope/models/small_testing.h"
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
  const auto model = models().make(parse_choice(GetParam()));
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

INSTANTIATE_TEST_SUITE_P(OfTheTable, EveryModel, testing::ValuesIn(every_model()),
                         [](const auto& tested) { return test_name(tested.param); });

// Published counts (deep, medium, scratch, resnet18 and resnet34 of torchvision) and counts by hand, the CIFAR networks' with the bias of
// the last layer.
TEST(ParameterCounts, AreThePublishedOnes) {
  EXPECT_EQ(parameter_count(usual("deep")), 179'728);
  EXPECT_EQ(parameter_count(build("deep", {3, 256, 256}, 2)), 179'608);
  EXPECT_EQ(parameter_count(usual("deep,shared=true")), 131'232);
  EXPECT_EQ(parameter_count(usual("medium")), 50'176);
  EXPECT_EQ(parameter_count(build("medium", {3, 256, 256}, 5)), 4'228'129);
  EXPECT_EQ(parameter_count(usual("scratch")), 307'510);
  EXPECT_EQ(parameter_count(usual("scratch,norm=per-channel")), 308'394);
  EXPECT_EQ(parameter_count(usual("airbench")), 1'971'352);
  EXPECT_EQ(parameter_count(usual("resnet20")), 269'722);
  EXPECT_EQ(parameter_count(usual("resnet20,shortcut=projection")), 272'474);
  EXPECT_EQ(parameter_count(usual("resnet32")), 464'154);
  EXPECT_EQ(parameter_count(usual("resnet44")), 658'586);
  EXPECT_EQ(parameter_count(usual("resnet56")), 853'018);
  EXPECT_EQ(parameter_count(usual("resnet110")), 1'727'962);
  EXPECT_EQ(parameter_count(usual("resnet18")), 11'689'512);
  EXPECT_EQ(parameter_count(usual("resnet18,stem=cifar")), 11'173'962);
  EXPECT_EQ(parameter_count(usual("resnet18,stem=cifar,width=44")), 5'284'982);
  EXPECT_EQ(parameter_count(usual("resnet34")), 21'797'672);
  EXPECT_EQ(parameter_count(usual("resnet34,stem=cifar")), 21'282'122);
  EXPECT_EQ(parameter_count(usual("resnet50")), 25'557'032);
  EXPECT_EQ(parameter_count(usual("resnet50,stem=cifar")), 23'520'842);
  EXPECT_EQ(parameter_count(usual("alexnet")), 10'041'418 - 704);  // the published count has batch norm's running statistics in it
}

// Table of the aliasing study's toy task, its 23 rows; resnet20_small_incr stands there twice.
TEST(ParameterCounts, OfTheOscillationNetworksAreThePublishedOnes) {
  const std::pair<const char*, int64_t> published[] = {
      {"fully-connected,size=tiny,hidden=1", 83'050},
      {"fully-connected,size=small,hidden=1", 285'400},
      {"fully-connected,size=medium,hidden=1", 1'140'400},
      {"fully-connected,size=large,hidden=1", 4'275'400},
      {"fully-connected,size=tiny,hidden=2", 81'855},
      {"fully-connected,size=small,hidden=2", 289'480},
      {"fully-connected,size=medium,hidden=2", 1'216'000},
      {"fully-connected,size=large,hidden=2", 4'389'400},
      {"oscillation-resnet,depth=20,size=tiny,widths=const", 75'020},
      {"oscillation-resnet,depth=20,size=small,widths=const", 280'840},
      {"oscillation-resnet,depth=20,size=medium,widths=const", 1'086'080},
      {"oscillation-resnet,depth=20,size=large,widths=const", 4'270'960},
      {"oscillation-resnet,depth=20,size=tiny,widths=incr", 81'512},
      {"oscillation-resnet,depth=20,size=small,widths=incr", 297'536},
      {"oscillation-resnet,depth=20,size=medium,widths=incr", 1'134'320},
      {"oscillation-resnet,depth=20,size=large,widths=incr", 4'426'832},
      {"oscillation-resnet,depth=8,size=small,widths=incr", 103'104},
      {"oscillation-resnet,depth=32,size=small,widths=incr", 491'968},
      {"oscillation-resnet,depth=44,size=small,widths=incr", 686'400},
      {"oscillation-resnet,depth=56,size=small,widths=incr", 880'832},
      {"oscillation-resnet,depth=110,size=small,widths=incr", 1'755'776},
      {"oscillation-resnet,depth=272,size=small,widths=incr", 4'380'608},
  };
  for (const auto& [model, count] : published) EXPECT_EQ(parameter_count(usual(model)), count) << model;
}

std::vector<std::string> nodes_of(const Graph& graph, std::string_view kind) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes())
    if (node.op->kind() == kind) names.push_back(node.name);
  return names;
}

TEST(Deep, PoolsBehindEveryConvolutionButTheFifthUntilOnePixelIsLeft) {
  const auto pools = [](const Graph& graph) { return nodes_of(graph, "max-pool"); };
  EXPECT_EQ(pools(build("deep", {1, 28, 28}, 10)), (std::vector<std::string>{"pool1", "pool2", "pool3", "pool4"}));
  EXPECT_EQ(pools(build("deep", {3, 256, 256}, 2)),
            (std::vector<std::string>{"pool1", "pool2", "pool3", "pool4", "pool6", "pool7", "pool8", "pool9"}));
}

TEST(Deep, AndMediumBuildForFlowers) {
  for (const char* name : {"deep", "medium"})
    for (const int64_t channels : {1, 3})
      for (const int64_t classes : {2, 5}) {
        const Graph graph = build(name, {channels, 256, 256}, classes);
        EXPECT_EQ(graph.shape(graph.output), (Shape{1, classes}));
      }
  const Graph deep = build("deep", {3, 256, 256}, 5), medium = build("medium", {3, 256, 256}, 5);
  EXPECT_EQ(deep.shape(deep.at("linear1.weight")), (Shape{512, 64})) << "one pixel is left";
  EXPECT_EQ(medium.shape(medium.at("linear1.weight")), (Shape{512, 8192}));
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

TEST(Resnet, HasTorchvisionsBottlenecks) {
  const Graph graph = usual("resnet50");
  // torchvision.models.resnet50().state_dict() without num_batches_tracked: 53 convolutions, 53 batch norms of four, one linear layer
  EXPECT_EQ(parameters(graph).size(), 53u + 4 * 53 + 2);
  EXPECT_EQ(graph.shape(graph.at("layer1.0.downsample.0.weight")), (Shape{256, 64, 1, 1}));
  EXPECT_EQ(graph.shape(graph.at("layer2.0.conv1")), (Shape{1, 128, 56, 56})) << "the stride stands in the 3×3";
  EXPECT_EQ(graph.shape(graph.at("layer2.0.conv2")), (Shape{1, 128, 28, 28}));
  EXPECT_EQ(graph.shape(graph.at("layer4.2.conv3.weight")), (Shape{2048, 512, 1, 1}));
  EXPECT_EQ(graph.shape(graph.at("layer4.2.relu3")), (Shape{1, 2048, 7, 7}));
  EXPECT_EQ(graph.shape(graph.at("fc.weight")), (Shape{1000, 2048}));
  EXPECT_TRUE(graph.find("layer4.2.bn3.running_var"));
  EXPECT_FALSE(graph.find("layer1.1.downsample.0.weight"));
}

TEST(OscillationResnet, ProjectsWhereverSizesChange) {
  const Graph incr = usual("oscillation-resnet"), same = usual("oscillation-resnet,widths=const,size=tiny,depth=8");
  EXPECT_EQ(incr.shape(incr.at("layer2.0.downsample.0")), (Shape{1, 32, 16, 16}));
  EXPECT_EQ(same.shape(same.at("layer3.0.downsample.0")), (Shape{1, 20, 8, 8}));
  EXPECT_FALSE(same.find("layer1.0.downsample.0"));
  EXPECT_EQ(init_of(incr, "conv1.weight"), "he-normal,mode=fan-out");
  EXPECT_EQ(parameter_names(build("oscillation-resnet", {3, 32, 32}, 10)), parameter_names(usual("resnet20,shortcut=projection")));
  EXPECT_NE(error_of([] { usual("oscillation-resnet,depth=21"); }).find("2 more than a multiple of 6"), std::string::npos);
  EXPECT_NE(error_of([] { usual("oscillation-resnet,size=huge"); }).find("known: tiny, small, medium, large"), std::string::npos);
}

TEST(FullyConnected, DropsBehindEachHiddenLayerWhereAsked) {
  EXPECT_EQ(nodes_of(usual("fully-connected,hidden=2,dropout=0.8"), "dropout"), (std::vector<std::string>{"dropout1", "dropout2"}));
  EXPECT_TRUE(nodes_of(usual("fully-connected"), "dropout").empty());
  EXPECT_EQ(init_of(usual("fully-connected"), "linear2.bias"), "pytorch,fan_in=58");
  EXPECT_EQ(error_of([] { usual("fully-connected,hidden=3"); }), "fully-connected: option 'hidden' is 3; 1 or 2 were wanted");
  EXPECT_NE(error_of([] { usual("fully-connected,dropout=1"); }).find("below 1"), std::string::npos);
}

TEST(Alexnet, KeepsThePoolsThatHaveAWindowToLookAt) {
  const Graph small = usual("alexnet"), large = build("alexnet", {3, 256, 256}, 2);
  EXPECT_EQ(nodes_of(small, "max-pool"), (std::vector<std::string>{"pool1"}));
  EXPECT_EQ(small.shape(small.at("relu5")), (Shape{1, 256, 2, 2}));
  EXPECT_EQ(nodes_of(large, "max-pool"), (std::vector<std::string>{"pool1", "pool2", "pool3"}));
  EXPECT_EQ(large.shape(large.at("conv1")), (Shape{1, 96, 62, 62}));
  EXPECT_EQ(large.shape(large.at("linear1.weight")), (Shape{2048, 9216}));
  EXPECT_NE(error_of([] { build("alexnet", {1, 10, 28}, 10); }).find("11×11 is the least"), std::string::npos);
}

TEST(Alexnet, NormalisesBehindThePoolAsKerasDoes) {
  const Graph graph = usual("alexnet");
  const Node& norm = graph.node(graph.at("bn1"));
  EXPECT_EQ(norm.inputs[0], graph.at("pool1"));
  const auto& options = as<BatchNormOp>(*norm.op)->get();
  EXPECT_EQ(options.eps, 1e-3);
  EXPECT_EQ(options.momentum, 0.01);
  EXPECT_FALSE(options.unbiased);
  EXPECT_EQ(graph.node(graph.at("linear1")).inputs[0], graph.at("dropout1"));
  EXPECT_EQ(graph.node(graph.at("linear3")).inputs[0], graph.at("linear2.relu"));
  EXPECT_EQ(init_of(graph, "conv2.weight"), "glorot-uniform");
  EXPECT_TRUE(nodes_of(usual("alexnet,dropout=0"), "dropout").empty());
}

TEST(Lenet, EndsOnSixteenPixelsOfEachFilter) {
  for (const char* name : {"lenet", "cifarnet"})
    for (const int64_t side : {28, 32}) {
      const Graph graph = build(name, {1, side, side}, 10);
      EXPECT_EQ(graph.shape(graph.at("pool3")), (Shape{1, 64, 4, 4})) << name;
    }
  EXPECT_EQ(usual("cifarnet").shape(usual("cifarnet").at("linear1.weight")), (Shape{256, 16 * 64}));
  // conv 3×3 without bias, batch norm of two: 9 · 1 · 8 + 16, then twice 9 · 8 · 8 + 16; 128 · 128 + 128, 256 of batch norm, 10 · 128 + 10
  EXPECT_EQ(parameter_count(usual("lenet,width=8")), 88 + 2 * 592 + 16'512 + 256 + 1'290);
}

TEST(Lenet, TakesWindowsOfAllPublishedSizes) {
  const Graph one = usual("lenet,filter_size=1"), seven = usual("lenet,first_filter_size=7,filter_size=7"),
              five = usual("lenet,filter_size=5");
  EXPECT_TRUE(one.find("layer2.conv.bias"));
  EXPECT_FALSE(one.find("layer1.conv.bias"));
  EXPECT_EQ(seven.shape(seven.at("layer1.conv")), (Shape{1, 64, 14, 14}));
  EXPECT_EQ(seven.shape(seven.at("layer2.conv")), (Shape{1, 64, 7, 7}));
  EXPECT_EQ(five.shape(five.at("layer2.conv")), (Shape{1, 64, 14, 14}));
  EXPECT_EQ(nodes_of(usual("lenet,pool_type=avg"), "avg-pool").size(), 3u);
  EXPECT_EQ(error_of([] { usual("cifarnet,filter_size=4"); }), "cifarnet: option 'filter_size' is 4; 0 (masks), 1, 3, 5 or 7 were wanted");
  EXPECT_NE(error_of([] { usual("lenet,pool_type=min"); }).find("known: max, avg"), std::string::npos);
}

TEST(Lenet, TakesEachActivation) {
  for (const char* act : {"relu", "lrelu", "prelu", "rrelu", "elu", "selu", "tanh", "sigmoid"}) {
    const Graph graph = usual(fmt::format("cifarnet,act={}", act));
    EXPECT_TRUE(graph.find("layer6.act") && graph.find("linear1.act")) << act;
  }
  EXPECT_EQ(usual("lenet,act=prelu").shape(usual("lenet,act=prelu").at("layer3.act.weight")), (Shape{1}));
  EXPECT_NE(error_of([] { usual("lenet,act=rely"); }).find("lenet: option 'act' cannot be 'rely'; did you mean 'relu'?"),
            std::string::npos);
}

TEST(Resnet, HasPublishedMultiplyAddsAndSizes) {
  const Graph graph = usual("resnet18");
  EXPECT_EQ(graph.shape(graph.at("maxpool")), (Shape{1, 64, 56, 56}));
  EXPECT_EQ(graph.shape(graph.at("layer4.1.relu2")), (Shape{1, 512, 7, 7}));
  EXPECT_EQ(macs(graph), 1'814'073'344);  // fvcore's count of torchvision's resnet18 without batch norm and pool
  const Graph small = build("resnet18,stem=cifar,width=44", {3, 32, 32}, 10);
  EXPECT_EQ(small.shape(small.at("conv1")), (Shape{1, 44, 32, 32}));
  EXPECT_EQ(small.shape(small.at("layer4.1.relu2")), (Shape{1, 352, 4, 4}));
  const Graph wide = build("resnet18,stem=cifar,width=128", {3, 32, 32}, 10);  // as wide as the perturbative networks, 94.2 %
  EXPECT_EQ(wide.shape(wide.at("layer4.1.relu2")), (Shape{1, 1024, 4, 4}));
  EXPECT_EQ(parameter_names(wide), parameter_names(usual("resnet18")));
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
  for (const std::string text : {"deep", "resnet20,shortcut=identity", "resnet18,stem=cifar,width=44", "scratch,dropout=false",
                                 "oscillation-resnet,depth=272,size=small,widths=incr"})
    EXPECT_EQ(origin(parse_choice(text)), text);
}

}  // namespace
}  // namespace convscope

#include "convscope/models/architecture/architecture.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/models/architecture/library.h"
#include "convscope/models/architecture/write.h"
#include "convscope/models/file_model.h"
#include "convscope/nn/initialisers.h"

namespace convscope {
namespace {

Architecture parsed(std::string_view text) { return parse_architecture(text, "net.json"); }

Graph built(std::string_view text, const Json& options = json_object()) {
  const Architecture a = with_options(parsed(text), options, "net.json");
  return build_architecture(a, Shape(a.image), a.classes, {}, "net.json");
}

/** Its layers alone, behind which a linear layer gives ten classes. */
Graph of(const std::string& layers, const std::string& more = "") {
  return built(R"({"image": [3, 8, 8], )" + more + R"("layers": [)" + layers +
               R"(, {"layer": "linear", "name": "fc", "features": "=classes"}]})");
}

std::vector<std::string> parameters_of(const Graph& graph) {
  std::vector<std::string> all;
  for (const ParameterInfo& p : parameters(graph)) all.push_back(fmt::format("{} {}", p.name, p.shape));
  return all;
}

using Words = std::vector<std::string>;

TEST(ArchitectureFile, BuildsItsLayersOneBehindTheOther) {
  const Graph graph = of(R"({"layer": "conv2d", "name": "conv1", "filters": 4}, {"layer": "relu"}, {"layer": "max-pool"})");
  EXPECT_EQ(parameters_of(graph), (Words{"conv1.weight [4, 3, 3, 3]", "conv1.bias [4]", "fc.weight [10, 64]", "fc.bias [10]"}));
  EXPECT_EQ(graph.shape(graph.at("max-pool")), (Shape{1, 4, 4, 4}));
  EXPECT_EQ(graph.node(graph.at("max-pool")).inputs[0], graph.at("relu"));
}

TEST(ArchitectureFile, RepeatsBlocksUnderNumbers) {
  const Graph graph =
      of(R"({"name": "stage", "repeat": 3, "first": 1, "layers": [{"layer": "conv2d", "name": "conv", "filters": "=4 + index"}]})");
  EXPECT_EQ(parameters_of(graph)[0], "stage.1.conv.weight [4, 3, 3, 3]");
  EXPECT_EQ(parameters_of(graph)[2], "stage.2.conv.weight [5, 4, 3, 3]");
  EXPECT_EQ(parameters_of(graph)[4], "stage.3.conv.weight [6, 5, 3, 3]");
  const Graph marked = of(R"({"name": "dense#", "repeat": 2, "layers": [{"layer": "batch-norm", "name": "norm"}]})");
  EXPECT_EQ(marked.shape(marked.at("dense1.norm.bias")), (Shape{3}));
}

TEST(ArchitectureFile, NumbersLayersAsPyTorchsSequentialDoes) {
  const Graph graph = of(R"({"name": "features", "numbered": true, "layers": [
      {"repeat": 2, "layers": [{"layer": "conv2d", "filters": 2, "bias": false}, {"layer": "batch-norm", "if": "=index == 1"}, {"layer": "relu"}]},
      {"name": "#", "numbered": true, "layers": [{"layer": "conv2d", "filters": 2, "bias": false}]}]})");
  EXPECT_TRUE(graph.find("features.0.weight"));
  EXPECT_TRUE(graph.find("features.2.weight"));
  EXPECT_TRUE(graph.find("features.3.running_mean"));
  EXPECT_TRUE(graph.find("features.4"));
  EXPECT_TRUE(graph.find("features.5.0.weight"));
}

TEST(ArchitectureFile, AddsAResidualToWhatCameInOrToItsShortcut) {
  const Graph same = of(R"({"residual": [{"layer": "conv2d", "name": "conv", "filters": 3}]}, {"layer": "relu"})");
  EXPECT_EQ(same.node(same.at("add")).inputs, (std::vector<Value>{same.at("conv"), same.at(kPixels)}));
  const Graph other = of(R"({"residual": [{"layer": "conv2d", "name": "conv", "filters": 4}], "name": "sum",
                             "shortcut": [{"layer": "conv2d", "name": "way", "filters": 4, "kernel": 1, "pad": 0}]})");
  EXPECT_EQ(other.node(other.at("sum")).inputs, (std::vector<Value>{other.at("conv"), other.at("way")}));
}

TEST(ArchitectureFile, UsesALayerAgainWithTheSameWeights) {
  const Graph graph =
      of(R"({"layer": "conv2d", "name": "conv", "filters": 3}, {"layer": "relu"}, {"again": "conv"}, {"again": "conv", "of": "conv.2"})");
  EXPECT_EQ(parameters_of(graph).size(), 4u);
  for (const char* name : {"conv.2", "conv.3"}) EXPECT_EQ(graph.node(graph.at(name)).inputs[1], graph.at("conv.weight")) << name;
}

TEST(ArchitectureFile, FreezesParametersByName) {
  const Graph graph = of(R"({"layer": "batch-norm", "name": "bn", "frozen": ["weight"]})");
  for (const ParameterInfo& p : parameters(graph)) EXPECT_EQ(p.trained, p.name == "bn.bias" || p.name.starts_with("fc.")) << p.name;
}

TEST(ArchitectureFile, HasBlocksWithOptionsOfTheirOwn) {
  const Graph graph = of(R"({"block": "stage", "name": "a"}, {"block": "stage", "name": "b", "filters": "=2*width", "twice": false})",
                         R"("options": {"width": 4}, "blocks": {"stage": {"options": {"filters": "=width", "twice": true}, "layers": [
                            {"layer": "conv2d", "name": "conv1", "filters": "=filters"},
                            {"layer": "conv2d", "name": "conv2", "filters": "=filters", "if": "=twice"}]}}, )");
  EXPECT_EQ(graph.shape(graph.at("a.conv2.weight")), (Shape{4, 4, 3, 3}));
  EXPECT_EQ(graph.shape(graph.at("b.conv1.weight")), (Shape{8, 4, 3, 3}));
  EXPECT_FALSE(graph.find("b.conv2"));
}

TEST(ArchitectureFile, CallsWhatCameIntoABlockItsInput) {
  const Graph graph = of(R"({"layer": "relu"}, {"block": "dense"}, {"block": "dense"})",
                         R"("blocks": {"dense": {"layers": [{"layer": "tanh"}, {"layer": "concat", "of": ["input", "last"]}]}}, )");
  EXPECT_EQ(graph.node(graph.at("concat")).inputs, (std::vector<Value>{graph.at("relu"), graph.at("tanh")}));
  EXPECT_EQ(graph.node(graph.at("concat.2")).inputs, (std::vector<Value>{graph.at("concat"), graph.at("tanh.2")}));
}

TEST(ArchitectureFile, AnswersWithOneOfItsOutputs) {
  const char* text = R"({"image": [1, 4, 4], "layers": [
      {"layer": "linear", "name": "early", "features": "=classes"},
      {"layer": "conv2d", "name": "conv", "filters": 2, "of": "input"},
      {"layer": "linear", "name": "late", "features": "=classes"}], "outputs": {"main": "late", "short": "early"}})";
  const Graph main = built(text), early = built(text, {{"output", "short"}});
  EXPECT_EQ(main.name(main.output), "late");
  EXPECT_EQ(early.name(early.output), "early");
  EXPECT_FALSE(early.find("conv.weight")) << "what it does not need is not there";
  EXPECT_THROW_SAYING(built(text, {{"output", "side"}}), "no output \"side\"; known: main, short");
}

TEST(ArchitectureFile, TakesItsOptionsLikeAModelOfTheTable) {
  const TemporaryFolder folder;
  const Path path = folder / "my, net.json";
  write_file(path, R"({"image": [1, 6, 6], "classes": 3, "options": {"width": {"value": 4, "text": "filters"}},
                       "layers": [{"layer": "conv2d", "name": "conv", "filters": "=width"}, {"layer": "linear", "features": "=classes"}]})");
  const auto file = model_file(path.string() + ",width=7");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->path, path);
  EXPECT_EQ(file->options, ",width=7");
  const auto model = model_named(path.string() + ",width=7");
  EXPECT_EQ(model->usual_task().image, (Shape{1, 6, 6}));
  EXPECT_EQ(model->usual_task().classes, 3);
  const Graph graph = model->build({2, 6, 6}, 5);
  EXPECT_EQ(graph.shape(graph.at("conv.weight")), (Shape{7, 2, 3, 3}));
  EXPECT_EQ(graph.shape(graph.output), (Shape{1, 5}));
  EXPECT_THROW_SAYING(model_named(path.string() + ",widht=7"), "no option 'widht'; did you mean 'width'?");
  EXPECT_THROW_SAYING(model_named(path.string() + ",width=wide"), "option 'width' takes a number, got \"wide\"");
}

TEST(ArchitectureFile, NamesTheKnownKeysWhereOneIsUnknown) {
  EXPECT_THROW_SAYING(parsed(R"({"layer": []})"), "did you mean 'layers'?");
  EXPECT_THROW_SAYING(of(R"({"layer": "conv2d", "filter": 4})"), "layers[0]: conv2d has no 'filter'; did you mean 'filters'?");
  EXPECT_THROW_SAYING(of(R"({"layer": "conv2b"})"), "did you mean 'conv2d'?");
  EXPECT_THROW_SAYING(of(R"({"block": "stage"})"), "no block \"stage\"");
  EXPECT_THROW_SAYING(of(R"({"name": "a", "repeats": 2, "layers": []})"), "did you mean 'repeat'?");
  EXPECT_THROW_SAYING(of(R"({"layer": "conv2d", "filters": "4"})"), "layers[0]: conv2d: option 'filters' takes a whole number, got \"4\"");
  EXPECT_THROW_SAYING(of(R"({"layer": "conv2d", "filters": 2.5})"), "takes a whole number, got 2.5");
  EXPECT_THROW_SAYING(of(R"({"layer": "batch-norm", "name": "bn", "frozen": ["wieght"]})"), "did you mean 'bn.weight'?");
}

TEST(ArchitectureFile, SaysWhereItIsWrong) {
  EXPECT_THROW_SAYING(of(R"({"name": "a", "layers": [{"layer": "relu"}, {"layer": "softmax"}]})"),
                      "net.json: layers[0].layers[1]: softmax 'a.softmax'");
  EXPECT_THROW_SAYING(of(R"({"layer": "relu", "of": "conv"})"), "no item 'conv' stands before it");
  EXPECT_THROW_SAYING(of(R"({"layer": "relu", "name": "x"}, {"layer": "relu", "name": "x"})"), "a second item is called 'x'");
  EXPECT_THROW_SAYING(of(R"({"layer": "relu", "residual": []})"), "an item with 'layer' and 'residual'");
  EXPECT_THROW_SAYING(of(R"({"name": "x"})"), "an item has one of layer, again, layers, block, residual");
  EXPECT_THROW_SAYING(of(R"({"layer": "add"})"), "add 'add' of one value");
  EXPECT_THROW_SAYING(of(R"({"layer": "relu", "of": ["input", "input"]})"), "'relu' takes one value, not 2");
  EXPECT_THROW_SAYING(of(R"({"layer": "relu", "name": "a"}, {"layer": "conv2d", "name": "b", "of": "input"})"), "nothing reads 'a'");
  EXPECT_THROW_SAYING(built(R"({"layers": [{"layer": "relu"}]})"), "its answer is [1, 3, 32, 32]; logits [1, classes] were wanted");
  EXPECT_THROW_SAYING(built(R"({"layers": [{"layer": "linear", "features": 7}]})"), "has 7 numbers, 10 classes were asked for");
  EXPECT_THROW_SAYING(built(R"({"layers": []})"), "at least one");
  EXPECT_THROW_SAYING(built(R"({"options": {"classes": 3}, "layers": [{"layer": "relu"}]})"), "'classes' has a meaning of its own");
}

TEST(ArchitectureFile, IsBoundedInDepthCountAndSize) {
  EXPECT_THROW_SAYING(of(R"({"block": "a"})", R"("blocks": {"a": {"layers": [{"block": "a"}]}}, )"), "more than 32 deep");
  EXPECT_THROW_SAYING(of(R"({"repeat": 1001, "layers": []})"), "'repeat' is 1001; 0 to 1000 are possible");
  EXPECT_THROW_SAYING(of(R"({"repeat": 1000, "layers": [{"repeat": 1000, "layers": [{"repeat": 1000, "layers": []}]}]})"),
                      "more than 10000 items");
  EXPECT_THROW_SAYING(of(R"({"layer": "linear", "features": 4000000000000000})"), "'linear.weight'");
  EXPECT_THROW_SAYING(of(R"({"layer": "linear", "features": 100000000})"), "at most 1073741824 are made room for");
  EXPECT_THROW_SAYING(of(R"({"layer": "pad", "top": 1000000, "left": 1000000})"), "numbers");
  EXPECT_THROW_SAYING(built(R"({"image": [3, 100000, 8], "layers": [{"layer": "relu"}]})"), "1 to 65536 are possible");
  EXPECT_THROW_SAYING(parsed(std::string(100'000, '[')), "net.json");
  EXPECT_THROW_SAYING(built(R"({"image": [1, 65536, 1], "layers": [{"layer": "adaptive-avg-pool", "rows": 1, "columns": 4096}]})"),
                      "windows of 65536 rows or columns");
  std::string names;
  for (int i = 0; i < 3000; ++i) names += R"("a",)";
  EXPECT_THROW_SAYING(of(R"({"repeat": 1000, "layers": [{"layer": "relu", "frozen": [)" + names + R"("a"]}]})"), "more than 10000 items");
  EXPECT_THROW_SAYING(of(R"({"repeat": 1000, "block": "a", "w": [)" + names + R"("=1"]})",
                         R"("blocks": {"a": {"options": {"w": 1}, "layers": [{"layer": "relu"}]}}, )"),
                      "more than 10000 items");
}

TEST(ArchitectureFile, OptionsAreNotCalledLikeWhatFormulasKnow) {
  for (const char* name : {"channels", "rows", "columns", "index", "classes", "output"})
    EXPECT_THROW_SAYING(of(R"({"block": "a"})", fmt::format(R"("blocks": {{"a": {{"options": {{"{}": 1}}, "layers": []}}}}, )", name)),
                        fmt::format("a block's option cannot be called '{}'", name));
}

TEST(ArchitectureFile, RepeatsAsOftenAsItsInputHasChannels) {
  EXPECT_TRUE(of(R"({"repeat": "=channels", "name": "r", "layers": [{"layer": "relu"}]})").find("r.2.relu"));
}

TEST(ArchitectureFile, WhatItQuotesStaysOneLine) {
  EXPECT_THROW_SAYING(of("{\"layer\": \"relu\", \"name\": \"a\\n\\u001b[2J\"}, {\"layer\": \"relu\", \"name\": \"a\\n\\u001b[2J\"}"),
                      "'a??[2J'");
}

TEST(ArchitectureFile, AgainTakesNoNameThatIsTakenAndDrawsAnew) {
  const Graph graph = of(R"({"layer": "dropout", "name": "drop"}, {"layer": "relu", "name": "drop.2"}, {"again": "drop"})");
  const auto stream = [&](const std::string& node) { return as<DropoutOp>(*graph.node(graph.at(node)).op)->get().stream; };
  EXPECT_TRUE(graph.find("drop.3"));
  EXPECT_NE(stream("drop"), stream("drop.3"));
}

TEST(ArchitectureFile, DamagedAnywhereIsReadOrRefused) {
  const std::string text = std::string(architecture_texts().back().text).substr(0, 2500);
  const Reader read = [](std::string_view bytes) {
    const Architecture a = parse_architecture(bytes, "net.json");
    (void)build_architecture(a, Shape(a.image), a.classes, {}, "net.json");
  };
  const std::string small = R"({"image": [1, 4, 4], "options": {"w": 2}, "blocks": {"b": {"layers": [{"layer": "relu"}]}}, "layers": [
      {"residual": [{"layer": "conv2d", "filters": "=w/2", "name": "c"}]}, {"block": "b", "repeat": 2, "name": "x#"}, {"again": "c"},
      {"layer": "linear", "features": "=classes"}]})";
  read(small);
  cut_everywhere(small, read);
  flip_bytes(small, read, 5000);
  flip_bytes(text, read, 500);
}

// ---- written ----

/** A graph through the file and back, to the last byte. */
void expect_same(const Graph& graph, const std::string& whose) {
  const Architecture a = architecture_of(graph, whose);
  const std::string text = text_of(a);
  const Architecture again = parse_architecture(text, whose);
  EXPECT_EQ(text_of(again), text) << whose;
  const Graph back = build_architecture(again, Shape(again.image), again.classes, {}, whose);
  EXPECT_EQ(to_json(back).dump(), to_json(graph).dump()) << whose << "\n" << text;
}

class EveryBuiltInModel : public testing::TestWithParam<std::string> {};

TEST_P(EveryBuiltInModel, IsTheSameGraphFromItsFile) {
  const auto model = models().make(parse_choice(GetParam()));
  const Task task = model->usual_task();
  expect_same(model->build(task.image, task.classes), GetParam());
}

TEST_P(EveryBuiltInModel, BuildsForOtherClassesFromItsFile) {
  const auto model = models().make(parse_choice(GetParam()));
  const Task task = model->usual_task();
  const Architecture a = architecture_of(model->build(task.image, task.classes), GetParam());
  EXPECT_EQ(to_json(build_architecture(a, task.image, 7, {{0.5}, {0.25}}, "file")).dump(),
            to_json(model->build(task.image, 7, {{0.5}, {0.25}})).dump());
}

std::vector<std::string> built_in() {
  std::vector<std::string> all = models().names();
  for (const char* more :
       {"deep,shared=true", "scratch,norm=per-channel", "resnet20,shortcut=projection", "resnet18,stem=cifar,width=8",
        "noise-resnet18,train_stem=false", "perturb-resnet18,width=16,first_filter_size=3,nmasks=4,mix_maps=true",
        "perturb-resnet18,first_filter_size=0,nmasks=1,act=prelu,use_act=true", "lenet,filter_size=0,nmasks=4,act=prelu",
        "lenet,filter_size=0,nmasks=4,act=rrelu,unique_masks=false,train_masks=true", "cifarnet,pool_type=avg,act=elu",
        "perturb-resnet18,wide_first=true,first_filter_size=0,width=16", "perturb-resnet18,filter_size=3,separable=true"})
    all.emplace_back(more);
  return all;
}

INSTANTIATE_TEST_SUITE_P(OfTheTable, EveryBuiltInModel, testing::ValuesIn(built_in()), [](const auto& tested) {
  std::string name = tested.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(WrittenArchitecture, IsShortWhereBlocksComeAlike) {
  const auto model = models().make("resnet110");
  const Architecture a = architecture_of(model->build({3, 32, 32}, 10), "resnet110");
  EXPECT_LT(text_of(a).size(), 5000u);
  EXPECT_NE(text_of(a).find("\"repeat\": 18"), std::string::npos) << text_of(a);
}

TEST(WrittenArchitecture, RefusesWhatIsNoLayers) {
  Builder graph({1, 4, 4});
  const Value scale = graph.parameter("scale", {1}, "ones"), shift = graph.parameter("shift", {1}, "zeros");
  const Value x = graph.add<AffineOp>("affine", {}, {graph.pixels(), scale, shift});
  const Value flat = graph.add<FlattenOp>("flat", {}, {x});
  const Graph network = std::move(graph).finish(flat);
  EXPECT_THROW_SAYING(architecture_of(network, "net"), "net cannot be told as a file of layers: 'affine' is affine, which is no layer");
}

// ---- the files of architectures/ ----

TEST(ArchitecturesOfTheProgram, HaveThePublishedCountsOfParameters) {
  const std::pair<const char*, int64_t> published[] = {
      {"vgg11", 132'863'336},         {"vgg11,batch_norm=true", 132'868'840},
      {"vgg16", 138'357'544},         {"vgg16,batch_norm=true", 138'365'992},
      {"densenet121", 7'978'856},     {"mobilenet-v2", 3'504'872},
      {"efficientnet-b0", 5'288'548}, {"convnext-tiny", 28'589'128},
  };
  for (const auto& [name, count] : published) {
    const auto model = model_named(name);
    EXPECT_EQ(parameter_count(model->build(model->usual_task().image, model->usual_task().classes)), count) << name;
  }
}

TEST(ArchitecturesOfTheProgram, CarryPyTorchsNames) {
  const auto has = [](std::string_view model, std::initializer_list<std::string_view> names) {
    const Graph graph = model_named(model)->build({3, 64, 64}, 10);
    for (const std::string_view name : names) EXPECT_TRUE(graph.find(name)) << model << ": " << name;
  };
  has("vgg11", {"features.0.weight", "features.18.bias", "classifier.6.weight"});
  has("vgg16,batch_norm=true", {"features.1.running_mean", "features.41.weight", "classifier.0.bias"});
  has("densenet121",
      {"features.conv0.weight", "features.denseblock3.denselayer24.conv2.weight", "features.transition3.norm.bias", "classifier.bias"});
  has("mobilenet-v2", {"features.1.conv.0.0.weight", "features.1.conv.2.running_var", "features.17.conv.3.weight", "features.18.1.bias"});
  has("efficientnet-b0", {"features.1.0.block.1.fc1.bias", "features.7.0.block.3.1.weight", "features.8.0.weight", "classifier.1.weight"});
  has("convnext-tiny",
      {"features.0.1.bias", "features.5.8.layer_scale", "features.7.2.block.5.weight", "features.6.1.weight", "classifier.2.bias"});
}

}  // namespace
}  // namespace convscope

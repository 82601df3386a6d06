// The perturbation study's networks: what they are made of, and what they refuse.
#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <utility>

#include "convscope/graph/ops/perturb.h"
#include "convscope/models/checkpoint.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"
#include "convscope/nn/perturb.h"

namespace convscope {
namespace {

Graph built(std::string_view model, const Shape& image = {3, 32, 32}) { return models().make(parse_choice(model))->build(image, 10); }

template <typename Deed>
std::string error_of(Deed deed) {
  try {
    deed();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

struct Counts {
  int64_t parameters, masks;
  bool operator==(const Counts&) const = default;
};

Counts counts(std::string_view model) {
  const Graph graph = built(model);
  return {parameter_count(graph), mask_count(graph)};
}

void PrintTo(const Counts& c, std::ostream* out) { *out << c.parameters << " (" << c.masks << ")"; }

TEST(Perturbation, NetworksOfTheStudysEightRunsHaveItsCounts) {
  EXPECT_EQ(counts("resnet18,stem=cifar,width=44"), (Counts{5'284'982, 0}));
  EXPECT_EQ(counts("noise-resnet18,width=128,first_filter_size=7"), (Counts{5'640'074, 68'608}));
  EXPECT_EQ(counts("noise-resnet18,width=128,first_filter_size=3"), (Counts{5'624'714, 1'097'728}));
  EXPECT_EQ(counts("perturb-resnet18,width=128,first_filter_size=3,filter_size=1"), (Counts{5'611'146, 0}));
  EXPECT_EQ(counts("perturb-resnet18,width=128"), (Counts{5'608'202, 1'100'800}));
  const std::string many = "perturb-resnet18,width=128,first_filter_size=3,nmasks=64";
  EXPECT_EQ(counts(many + ",mix_maps=true"), (Counts{6'813'834, 70'254'592}));
  EXPECT_EQ(counts(many + ",unique_masks=false"), (Counts{1'220'234, 412'672}));
  EXPECT_EQ(counts(many + ",unique_masks=false,mix_maps=true"), (Counts{6'813'834, 412'672}));
  EXPECT_EQ(counts(many + ",unique_masks=false,train_masks=true"), (Counts{1'220'234 + 412'672, 0}));
}

TEST(Perturbation, TheAuthorsLaterFirstLayerHasFiveMasksAChannelForEachFilterTwentyTimesAsStrong) {
  const Graph graph = built("perturb-resnet18,width=8,level=0.1,wide_first=true");
  EXPECT_EQ(graph.shape(graph.at("perturb1.masks")), (Shape{3, 40, 32, 32}));
  EXPECT_EQ(graph.shape(graph.at("perturb1.conv.weight")), (Shape{24, 40, 1, 1}));
  EXPECT_EQ(graph.shape(graph.at("perturb1.reduce.weight")), (Shape{8, 24, 1, 1}));
  EXPECT_DOUBLE_EQ(as<PerturbOp>(*graph.node(graph.at("perturb1.perturb")).op)->get().level, 2);
  EXPECT_DOUBLE_EQ(as<PerturbOp>(*graph.node(graph.at("layer1.0.perturb1.perturb")).op)->get().level, 0.1);
}

TEST(Perturbation, SeparableConvolutionsHaveOneFilterAChannelAndA1x1) {
  const Graph graph = built("perturb-resnet18,width=8,first_filter_size=3,filter_size=3,separable=true");
  EXPECT_EQ(graph.shape(graph.at("perturb1.conv.weight")), (Shape{8, 3, 3, 3})) << "the first layer stays as it is";
  EXPECT_EQ(graph.shape(graph.at("layer2.0.perturb1.depthwise.weight")), (Shape{8, 1, 3, 3}));
  EXPECT_EQ(graph.shape(graph.at("layer2.0.perturb1.conv.weight")), (Shape{16, 8, 1, 1}));
}

TEST(Perturbation, MasksAreAsLargeAsTheMapsOfAnyPicture) {
  const Graph published = built("perturb-resnet18,width=8,first_filter_size=3");
  for (const auto& [name, side] : {std::pair{"layer1.0.perturb1", 32},
                                   {"layer2.0.perturb1", 32},
                                   {"layer2.0.perturb2", 16},
                                   {"layer3.0.perturb1", 16},
                                   {"layer4.0.perturb1", 8},
                                   {"layer4.1.perturb2", 4}}) {
    const Shape masks = published.shape(published.at(fmt::format("{}.masks", name)));
    EXPECT_EQ(masks[2], side) << name;
    EXPECT_EQ(masks[3], side) << name;
  }
  for (const char* model : {"perturb-resnet18,width=8", "perturb-resnet18,width=8,first_filter_size=7", "noise-resnet18,width=8",
                            "noise-resnet18,width=8,first_filter_size=3", "lenet,width=8,first_filter_size=0,filter_size=0",
                            "cifarnet,width=8,filter_size=0,first_filter_size=5"})
    for (const Shape& image : {Shape{1, 28, 28}, Shape{3, 32, 32}, Shape{3, 33, 47}}) {
      const Graph graph = built(model, image);
      EXPECT_EQ(graph.shape(graph.output), (Shape{1, 10})) << model;
      EXPECT_GT(mask_count(graph), 0) << model;
    }
}

TEST(Perturbation, EveryOptionOfTheLayerIsBuilt) {
  for (const char* act : {"relu", "lrelu", "prelu", "rrelu", "elu", "selu", "tanh", "sigmoid"})
    for (const char* nmasks : {"1", "4"}) {
      const Graph graph =
          built(fmt::format("cifarnet,width=12,first_filter_size=0,filter_size=0,nmasks={},act={},use_act=true,mix_maps=true,"
                            "noise_type=normal,pool_type=avg,scale_noise=3",
                            nmasks, act));
      EXPECT_EQ(initialise(graph, 1).size(), parameters(graph).size());
    }
  const Graph graph = built("lenet,width=12,first_filter_size=0,filter_size=0,nmasks=4,level=0.5,scale_noise=3");
  const auto options = [&](std::string_view name) { return as<PerturbMixOp>(*graph.node(graph.at(name)).op)->get(); };
  EXPECT_EQ(options("layer1.conv").level, 1.5);
  EXPECT_EQ(options("layer1.conv").act, "none");
  EXPECT_EQ(options("layer2.conv").level, 0.5);
  EXPECT_EQ(options("layer2.conv").act, "relu");
}

TEST(Perturbation, PreluHasOneSlopeForAllPlacesOfALayer) {
  const Graph graph = built("lenet,width=12,first_filter_size=0,filter_size=0,nmasks=4,mix_maps=true,act=prelu");
  int slopes = 0;
  for (const ParameterInfo& p : parameters(graph)) slopes += p.name.ends_with("act.weight");
  EXPECT_EQ(slopes, 4) << "three layers and the one behind linear1";
}

TEST(Perturbation, MasksComeFromAStreamOfTheirNameWithinTheirBounds) {
  const Graph graph = built("noise-resnet18,width=8");
  const auto one = initialise(graph, 1), again = initialise(graph, 1), two = initialise(graph, 2);
  const std::string name = "layer1.0.noise1.masks";
  EXPECT_EQ(max_difference(one.at(name), again.at(name)), 0);
  EXPECT_GT(max_difference(one.at(name), two.at(name)), 0.5f);
  EXPECT_LE(max_abs(one.at(name).span()), 1.0f);
  for (const ParameterInfo& p : parameters(graph)) EXPECT_NE(p.trained, p.name.ends_with("masks") || p.name.find("running") != p.name.npos);
  for (const ParameterInfo& p : parameters(built("noise-resnet18,width=8,train_stem=false")))
    EXPECT_TRUE(p.name != "conv1.weight" || !p.trained);
}

TEST(Perturbation, RefusesWhatCannotBeInOneLine) {
  EXPECT_EQ(
      error_of([] { built("perturb-resnet18,width=128,nmasks=64"); }),
      "perturb 'perturb1' with 64 masks a channel: 128 filters cannot be shared evenly by 3 channels; take a multiple of 3 filters, 1 "
      "mask, or a convolution (filter_size, first_filter_size)");
  EXPECT_EQ(error_of([] { built("perturb-resnet18,nmasks=0"); }),
            "perturb-resnet18: option 'nmasks' is 0; 1 to 4096 masks a channel were wanted");
  PerturbationOptions broken;
  broken.level = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(error_of([&] { broken.check("it"); }), "it: options 'level' and 'scale_noise' are nan and 1; finite numbers were wanted");
  EXPECT_NE(error_of([] { built("perturb-resnet18,level=1e39"); }).find("a factor of at most"), std::string::npos);
  EXPECT_NE(error_of([] { built("noise-resnet18,level=-1e7"); }).find("a factor of at most"), std::string::npos);
  EXPECT_EQ(error_of([] { built("noise-resnet18,first_filter_size=0"); }),
            "noise-resnet18: option 'first_filter_size' is 0; 3 or 7 was wanted (perturb-resnet18 takes 0: masks)");
  EXPECT_NE(error_of([] { built("perturb-resnet18,noise_type=gauss"); }).find("known: uniform, normal"), std::string::npos);
  EXPECT_EQ(error_of([] { built("perturb-resnet18,separable=true,filter_size=1"); }),
            "perturb-resnet18: separable=true needs a filter_size of 3, 5 or 7: there is nothing to separate in masks or 1×1 convolutions");
  EXPECT_EQ(
      error_of([] { built("perturb-resnet18,wide_first=true,first_filter_size=3"); }),
      "perturb-resnet18: wide_first=true is a first layer of masks; first_filter_size=3 makes it a convolution: leave one of them out");
  EXPECT_EQ(error_of([] { built("perturb-resnet18,filter_size=2"); }),
            "perturb-resnet18: option 'filter_size' is 2; 0 (masks) or a convolution of 1, 3, 5 or 7 was wanted");
}

TEST(Perturbation, MasksOfAnotherSizeAreNamed) {
  const Graph graph = built("noise-resnet18,width=8"), wider = built("noise-resnet18,width=8", {3, 64, 64});
  EXPECT_NE(error_of([&] {
              check_parameters(graph, initialise(wider, 1), "net");
            }).find("layer1.0.noise1.masks is [8, 1, 16, 16], the network wants [8, 1, 8, 8]"),
            std::string::npos);
}

}  // namespace
}  // namespace convscope

#include "convscope/models/downsampled.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/graph/graph_testing.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/ops/polyphase.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/passes.h"
#include "convscope/nn/downsampling.h"
#include "convscope/nn/initialisers.h"

namespace convscope {
namespace {

/** What moves in a circle adds the same numbers in another order. */
constexpr float kCircle = 1e-5f;

std::unique_ptr<Model> made(const std::string& text) { return models().make(parse_choice(text)); }
Graph built(const std::string& text, const Shape& image = {3, 32, 32}) { return made(text)->build(image, 10); }

template <typename T>
const T& op_at(const Graph& graph, std::string_view name) {
  return *as<T>(*graph.node(graph.at(name)).op);
}

const Node& reading(const Graph& graph, std::string_view name, size_t input = 0) {
  return graph.node(graph.node(graph.at(name)).inputs[input]);
}

TEST(Downsampled, BlursBehindTheActivationOfABlockAndInItsShortcut) {
  const Graph g = built("resnet20,shortcut=projection,downsample=blur:4");
  EXPECT_EQ(op_at<Conv2dOp>(g, "layer2.0.conv1").get().stride, 1);
  EXPECT_EQ(reading(g, "layer2.0.conv2").name, "layer2.0.conv1/downsample");
  EXPECT_EQ(reading(g, "layer2.0.conv1/downsample").name, "layer2.0.relu1");
  EXPECT_EQ(op_at<DownsampleOp>(g, "layer2.0.conv1/downsample").get().size, 4);
  EXPECT_EQ(op_at<Conv2dOp>(g, "layer3.0.downsample.0").get().stride, 1);
  EXPECT_EQ(reading(g, "layer3.0.downsample.0").op->kind(), "downsample");
  EXPECT_EQ(g.shape(g.at("layer2.0.conv2")), (Shape{1, 32, 16, 16}));
}

TEST(Downsampled, ReplacesTheShortcutThatDropsPixelsAlone) {
  const Graph g = built("resnet20,downsample=blur:3");
  EXPECT_EQ(op_at<DownsampleOp>(g, "layer2.0.downsample.subsample").get().size, 3);
}

TEST(Downsampled, LowPassesComeBeforeTheConvolutionAndInPlaceOfPools) {
  const Graph g = built("resnet18,downsample=flc", {3, 64, 64});
  EXPECT_EQ(op_at<DownsampleOp>(g, "maxpool").get().filter, "flc");
  EXPECT_EQ(reading(g, "conv1").name, "conv1/downsample");
  EXPECT_EQ(g.shape(g.at("conv1")), (Shape{1, 64, 32, 32}));
  // A block and its shortcut read the same filtered values.
  EXPECT_EQ(reading(g, "layer2.0.conv1").name, reading(g, "layer2.0.downsample.0").name);
}

TEST(Downsampled, LeavesTheFirstConvolutionToBlurUnlessItIsAskedFor) {
  const Graph plain = built("resnet50", {3, 64, 64});
  const Downsampled kept = with_downsampling(plain, "blur:3"), changed = with_downsampling(plain, "blur:3", "change");
  EXPECT_EQ(op_at<Conv2dOp>(kept.graph, "conv1").get().stride, 2);
  EXPECT_EQ(kept.places[0].now, "kept");
  EXPECT_EQ(op_at<Conv2dOp>(changed.graph, "conv1").get().stride, 1);
  // A max pool keeps its window and a bottleneck filters behind its 3×3.
  EXPECT_EQ(op_at<MaxPoolOp>(kept.graph, "maxpool").get().kernel, 3);
  EXPECT_EQ(reading(kept.graph, "layer2.0.conv3").name, "layer2.0.conv2/downsample");
}

TEST(Downsampled, CountsWhatIsAdded) {
  // Zhang's ResNet-18: three 3×3 convolutions of 57.8 million multiply-adds each become four times as many.
  const Graph plain = made("resnet18")->build({3, 224, 224}, 1000);
  const Downsampled d = with_downsampling(plain, "blur:4");
  int64_t convolutions = 0;
  for (const auto& place : d.places)
    if (place.node.ends_with(".conv1")) convolutions += place.macs_before;
  EXPECT_EQ(convolutions, 3 * 57'802'752);
  EXPECT_NEAR(static_cast<double>(macs(d.graph)) / static_cast<double>(macs(plain)), 1.29, 0.02);
}

class EveryDownsampling : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryDownsampling, ::testing::ValuesIn(downsamplings().names()), [](const auto& row) { return row.param; });

TEST_P(EveryDownsampling, KeepsParametersAndShapesOfEveryModel) {
  for (const auto& row : models().rows()) {
    if (row.name == "fully-connected" || row.name == "resnet110" || row.name == "resnet56") continue;
    const auto model = row.make({});
    const Task task = model->usual_task();
    const Graph before = model->build(task.image, task.classes),
                after = row.make({{"downsample", GetParam()}})->build(task.image, task.classes);
    EXPECT_EQ(before.shape(before.output), after.shape(after.output)) << row.name;
    const auto names = [](const Graph& g) {
      std::vector<std::pair<std::string, Shape>> all;
      for (const ParameterInfo& p : parameters(g)) all.emplace_back(p.name, p.shape);
      return all;
    };
    EXPECT_EQ(names(before), names(after)) << row.name;
    // Wherever samples are dropped the network can still be looked at.
    for (const Subsampling& s : subsamplings(after))
      if (s.signal.ends_with("/stride-1")) {
        EXPECT_NO_THROW(expose_stride_one(after, s.node)) << row.name << " " << s.node;
      }
  }
}

TEST(Downsampled, GoesFromOneFilterToAnother) {
  const Graph blurred = built("resnet20,downsample=blur:4");
  const Graph g = with_downsampling(blurred, "lanczos").graph;
  EXPECT_EQ(op_at<DownsampleOp>(g, "layer2.0.conv1/downsample").get().filter, "lanczos");
  EXPECT_EQ(op_at<DownsampleOp>(with_downsampling(blurred, "plain").graph, "layer2.0.conv1/downsample").get().filter, "plain");
  EXPECT_EQ(op_at<Conv2dOp>(with_downsampling(built("resnet20"), "plain").graph, "layer2.0.conv1").get().stride, 2);
}

Tensor logits_of(const Graph& graph, const Tensor& x) {
  const Graph batch = with_batch(for_inference(graph), x.shape()[0]);
  std::map<std::string, Tensor> parameters = initialise(graph, 3);
  std::vector<std::vector<Tensor>> values(batch.nodes().size());
  for (size_t i = 0; i < batch.nodes().size(); ++i) {
    const Node& node = batch.node(static_cast<int>(i));
    if (node.name == kPixels) {
      values[i] = {x};
    } else if (const auto known = parameters.find(node.name); known != parameters.end()) {
      values[i] = {known->second};
    } else {
      std::vector<const Tensor*> in;
      for (const Value v : node.inputs) in.push_back(&values[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)]);
      std::vector<Tensor*> out;
      for (const Shape& shape : node.shapes) values[i].emplace_back(shape);
      for (Tensor& t : values[i]) out.push_back(&t);
      node.op->run(in, out, {});
    }
  }
  return values[static_cast<size_t>(batch.output.node)][static_cast<size_t>(batch.output.output)];
}

/** All 49 circular shifts of a picture by up to 3 pixels each way. */
Tensor shifted_in_circles(const Shape& image) {
  Tensor x({49, image[0], image[1], image[2]});
  const RandomStream random(4, "picture");
  for (int64_t n = 0; n < 49; ++n)
    for (int64_t c = 0; c < image[0]; ++c)
      for (int64_t i = 0; i < image[1]; ++i)
        for (int64_t j = 0; j < image[2]; ++j) {
          const int64_t row = (i + n / 7) % image[1], column = (j + n % 7) % image[2];
          x.row(n)[static_cast<size_t>((c * image[1] + row) * image[2] + column)] =
              random.uniform(static_cast<uint64_t>((c * image[1] + i) * image[2] + j));
        }
  return x;
}

float largest_change(const std::string& model, const Shape& image) {
  const Tensor logits = logits_of(built(model, image), shifted_in_circles(image));
  float most = 0;
  for (int64_t n = 1; n < 49; ++n)
    for (size_t y = 0; y < 10; ++y) most = std::max(most, std::abs(logits.row(n)[y] - logits.row(0)[y]));
  return most;
}

TEST(Downsampled, AdaptiveSamplingGivesTheSameLogitsWhereverThePictureMovesInACircle) {
  EXPECT_LE(largest_change("resnet20,downsample=aps", {3, 16, 16}), kCircle);
  EXPECT_LE(largest_change("resnet20,shortcut=projection,downsample=aps:3:l1", {3, 16, 16}), kCircle);
  EXPECT_LE(largest_change("resnet18,width=4,downsample=aps", {3, 32, 32}), kCircle);
  EXPECT_GT(largest_change("resnet20", {3, 16, 16}), 100 * kCircle);
  EXPECT_GT(largest_change("resnet20,downsample=blur:4:circular", {3, 16, 16}), 100 * kCircle);
}

TEST(Downsampled, BlocksAndTheirShortcutsShareAChoice) {
  const Graph g = built("resnet20,downsample=aps");
  int choices = 0, taken = 0;
  for (const Node& node : g.nodes()) {
    choices += as<PolyphaseChoiceOp>(*node.op) != nullptr;
    taken += as<PolyphaseTakeOp>(*node.op) != nullptr;
  }
  EXPECT_EQ(choices, 2);
  EXPECT_EQ(taken, 4);
}

TEST(Downsampled, AdaptiveSamplingSaysWhereItsPromiseEnds) {
  const auto told = with_downsampling(built("deep", {3, 32, 32}), "aps").remarks;
  EXPECT_FALSE(told.empty());
  EXPECT_TRUE(with_downsampling(built("resnet20"), "aps").remarks.empty());
  const auto odd = with_downsampling(built("resnet20", {3, 30, 32}), "aps").remarks;
  ASSERT_FALSE(odd.empty());
  EXPECT_NE(odd.front().find("15 × 16, which 2 does not divide"), std::string::npos) << odd.front();
}

TEST(Downsampled, SaysWhatCannotBe) {
  EXPECT_THROW_SAYING(built("resnet20,downsample=blurr:4"), "no downsampling 'blurr'");
  EXPECT_THROW_SAYING(built("resnet20,downsample=blur:9"), "size 9; 1 to 7");
  EXPECT_THROW_SAYING(built("resnet20,downsample=blur:x"), "'x' is no whole number");
  EXPECT_THROW_SAYING(built("resnet20,downsample=flc:4"), "flc takes nothing after its name");
  EXPECT_THROW_SAYING(with_downsampling(built("fully-connected"), "blur"), "it drops no samples");
  EXPECT_THROW_SAYING(with_downsampling(built("resnet20,downsample=aps"), "blur"), "samples adaptively already");
}

}  // namespace
}  // namespace convscope

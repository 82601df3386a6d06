#include "convscope/models/residual.h"

#include <algorithm>

#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/one_of.h"
#include "convscope/nn/pool.h"

namespace convscope {

namespace {

Conv2d convolution(int64_t filters, int64_t kernel, int64_t stride) {
  return Conv2d(
      {.filters = filters, .kernel = kernel, .stride = stride, .pad = kernel / 2, .bias = false, .init = "he-normal,mode=fan-out"});
}

/** Every second pixel, and zeros for the channels that are new. */
Value identity_shortcut(Builder& graph, Value x, int64_t filters, int64_t stride) {
  const int64_t added = filters - graph.shape(x)[1];
  x = graph.add<SubsampleOp>("downsample.subsample", {.rate = stride}, {x});
  return graph.add<ZeroPadChannelsOp>("downsample.pad", {.before = added / 2, .after = added - added / 2}, {x});
}

Value projection_shortcut(Builder& graph, Value x, int64_t filters, int64_t stride) {
  x = convolution(filters, 1, stride).build(graph, "downsample.0", x);
  return BatchNorm({}).build(graph, "downsample.1", x);
}

enum class Block { basic, bottleneck };
enum class Shortcut { identity, projection };

Value normalised_convolution(Builder& graph, Value x, int n, const Conv2d& convolution) {
  x = convolution.build(graph, fmt::format("conv{}", n), x);
  return BatchNorm({}).build(graph, fmt::format("bn{}", n), x);
}

Value residual_block(Builder& graph, Value x, Block block, int64_t filters, int64_t stride, Shortcut shortcut) {
  constexpr int64_t kExpansion = 4;
  const std::vector<Conv2d> branch = block == Block::basic ? std::vector{convolution(filters, 3, stride), convolution(filters, 3, 1)}
                                                           : std::vector{convolution(filters, 1, 1), convolution(filters, 3, stride),
                                                                         convolution(kExpansion * filters, 1, 1)};
  Value y = x;
  int n = 0;
  for (const Conv2d& conv : branch) {
    if (n > 0) y = Relu({}).build(graph, fmt::format("relu{}", n), y);
    y = normalised_convolution(graph, y, ++n, conv);
  }
  const int64_t channels = graph.shape(y)[1];
  const bool same_size = stride == 1 && graph.shape(x)[1] == channels;
  if (!same_size)
    x = shortcut == Shortcut::identity ? identity_shortcut(graph, x, channels, stride) : projection_shortcut(graph, x, channels, stride);
  y = graph.add<AddOp>("add", {}, {y, x});
  return Relu({}).build(graph, fmt::format("relu{}", n), y);
}

struct Stages {
  std::vector<int64_t> blocks;   // of each stage
  std::vector<int64_t> filters;  // of each stage
  Block block = Block::basic;
  Shortcut shortcut = Shortcut::projection;
};

/** `layer1`, `layer2`, …, all but the first beginning with stride 2, and the mean of what comes out. */
Value build_stages(Builder& graph, Value x, const Stages& stages) {
  for (size_t stage = 0; stage < stages.blocks.size(); ++stage) {
    for (int64_t block = 0; block < stages.blocks[stage]; ++block) {
      const auto inside = graph.scope(fmt::format("layer{}.{}", stage + 1, block));
      const int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      x = residual_block(graph, x, stages.block, stages.filters[stage], stride, stages.shortcut);
    }
  }
  return GlobalAvgPool({}).build(graph, "avgpool", x);
}

Value stem(Builder& graph, Value x, const Conv2d& first) {
  x = normalised_convolution(graph, x, 1, first);
  return Relu({}).build(graph, "relu1", x);
}

/** Filters of the oscillation study's networks. */
std::vector<int64_t> oscillation_filters(const OscillationResnet::Options& options) {
  const std::vector<std::string> sizes{"tiny", "small", "medium", "large"};
  require_one_of("oscillation-resnet", "size", options.size, sizes);
  require_one_of("oscillation-resnet", "widths", options.widths, {"const", "incr"});
  const int64_t factor = int64_t{1} << (std::find(sizes.begin(), sizes.end(), options.size) - sizes.begin());
  if (options.widths == "const") return {20 * factor, 20 * factor, 20 * factor};
  return {8 * factor, 16 * factor, 32 * factor};
}

}  // namespace

CifarResnet::CifarResnet(std::string name, int64_t depth, Options options) : depth_(depth), options_(std::move(options)) {
  require_one_of(name, "shortcut", options_.shortcut, {"identity", "projection"});
}

Value CifarResnet::logits(Builder& graph, Value x, int64_t classes) const {
  const int64_t blocks = (depth_ - 2) / 6;
  x = stem(graph, x, convolution(16, 3, 1));
  x = build_stages(graph, x,
                   {.blocks = {blocks, blocks, blocks},
                    .filters = {16, 32, 64},
                    .shortcut = options_.shortcut == "identity" ? Shortcut::identity : Shortcut::projection});
  return Linear({.features = classes}).build(graph, "linear", x);
}

OscillationResnet::OscillationResnet(Options options) : options_(std::move(options)) {
  constexpr int64_t kDeepest = 1202;
  require(options_.depth >= 8 && options_.depth <= kDeepest && options_.depth % 6 == 2,
          "oscillation-resnet: option 'depth' cannot be {}; 8, 14, 20, … {} are possible: 2 more than a multiple of 6", options_.depth,
          kDeepest);
  (void)oscillation_filters(options_);  // looks at the other options
}

Value OscillationResnet::logits(Builder& graph, Value x, int64_t classes) const {
  const int64_t blocks = (options_.depth - 2) / 6;
  const std::vector<int64_t> filters = oscillation_filters(options_);
  x = stem(graph, x, convolution(filters[0], 3, 1));
  x = build_stages(graph, x, {.blocks = {blocks, blocks, blocks}, .filters = filters});
  return Linear({.features = classes}).build(graph, "linear", x);
}

Resnet::Resnet(std::string name, Design design, Options options) : design_(design), options_(std::move(options)) {
  constexpr int64_t kWidest = 4096;
  require_one_of(name, "stem", options_.stem, {"imagenet", "cifar"});
  require(options_.width >= 1 && options_.width <= kWidest, "{}: option 'width' must lie between 1 and {}, got {}", name, kWidest,
          options_.width);
}

Value Resnet::logits(Builder& graph, Value x, int64_t classes) const {
  const int64_t width = options_.width;
  if (options_.stem == "imagenet") {
    x = stem(graph, x, convolution(width, 7, 2));
    x = MaxPool({.kernel = 3, .stride = 2, .pad = 1}).build(graph, "maxpool", x);
  } else {
    x = stem(graph, x, convolution(width, 3, 1));
  }
  x = build_stages(graph, x,
                   {.blocks = {design_.blocks.begin(), design_.blocks.end()},
                    .filters = {width, 2 * width, 4 * width, 8 * width},
                    .block = design_.bottleneck ? Block::bottleneck : Block::basic});
  return Linear({.features = classes}).build(graph, "fc", x);
}

}  // namespace convscope

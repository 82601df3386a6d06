#include "convscope/models/residual.h"

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

Value basic_block(Builder& graph, Value x, int64_t filters, int64_t stride, std::string_view shortcut) {
  Value y = convolution(filters, 3, stride).build(graph, "conv1", x);
  y = BatchNorm({}).build(graph, "bn1", y);
  y = Relu({}).build(graph, "relu1", y);
  y = convolution(filters, 3, 1).build(graph, "conv2", y);
  y = BatchNorm({}).build(graph, "bn2", y);

  const bool same_size = stride == 1 && graph.shape(x)[1] == filters;
  if (!same_size)
    x = shortcut == "identity" ? identity_shortcut(graph, x, filters, stride) : projection_shortcut(graph, x, filters, stride);
  y = graph.add<AddOp>("add", {}, {y, x});
  return Relu({}).build(graph, "relu2", y);
}

/** `layer1`, `layer2`, …: the filters double from stage to stage, and all but the first stage begin with stride 2. */
Value stages(Builder& graph, Value x, std::span<const int64_t> blocks, int64_t filters, std::string_view shortcut) {
  for (size_t stage = 0; stage < blocks.size(); ++stage, filters *= 2) {
    for (int64_t block = 0; block < blocks[stage]; ++block) {
      const auto inside = graph.scope(fmt::format("layer{}.{}", stage + 1, block));
      x = basic_block(graph, x, filters, stage > 0 && block == 0 ? 2 : 1, shortcut);
    }
  }
  return GlobalAvgPool({}).build(graph, "avgpool", x);
}

Value stem(Builder& graph, Value x, const Conv2d& first) {
  x = first.build(graph, "conv1", x);
  x = BatchNorm({}).build(graph, "bn1", x);
  return Relu({}).build(graph, "relu1", x);
}

}  // namespace

CifarResnet::CifarResnet(std::string name, int64_t depth, Options options) : depth_(depth), options_(std::move(options)) {
  require_one_of(name, "shortcut", options_.shortcut, {"identity", "projection"});
}

Value CifarResnet::logits(Builder& graph, Value x, int64_t classes) const {
  const int64_t blocks = (depth_ - 2) / 6;
  x = stem(graph, x, convolution(16, 3, 1));
  x = stages(graph, x, std::array{blocks, blocks, blocks}, 16, options_.shortcut);
  return Linear({.features = classes}).build(graph, "linear", x);
}

Resnet::Resnet(std::string name, Blocks blocks, Options options) : blocks_(blocks), options_(std::move(options)) {
  constexpr int64_t kWidest = 4096;
  require_one_of(name, "stem", options_.stem, {"imagenet", "cifar"});
  require(options_.width >= 1 && options_.width <= kWidest, "{}: option 'width' must lie between 1 and {}, got {}", name, kWidest,
          options_.width);
}

Value Resnet::logits(Builder& graph, Value x, int64_t classes) const {
  if (options_.stem == "imagenet") {
    x = stem(graph, x, convolution(options_.width, 7, 2));
    x = MaxPool({.kernel = 3, .stride = 2, .pad = 1}).build(graph, "maxpool", x);
  } else {
    x = stem(graph, x, convolution(options_.width, 3, 1));
  }
  x = stages(graph, x, blocks_, options_.width, "projection");
  return Linear({.features = classes}).build(graph, "fc", x);
}

}  // namespace convscope

#include "convscope/models/noise_resnet18.h"

#include <cmath>

#include "convscope/graph/ops/elementwise.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/pool.h"

namespace convscope {

namespace {
constexpr std::string_view kWhose = "noise-resnet18";
constexpr std::string_view kFilterInit = "he-normal,mode=fan-out";

Value convolution(Builder& graph, std::string_view name, Value x, int64_t filters, int64_t kernel, int64_t stride) {
  return Conv2d(
             {.filters = filters, .kernel = kernel, .stride = stride, .pad = kernel / 2, .bias = false, .init = std::string(kFilterInit)})
      .build(graph, name, x);
}
}  // namespace

NoiseResnet18::NoiseResnet18(Options options) : options_(options) {
  constexpr int64_t kWidest = 4096;
  require(options_.width >= 1 && options_.width <= kWidest, "{}: option 'width' must lie between 1 and {}, got {}", kWhose, kWidest,
          options_.width);
  require(options_.first_filter_size == 3 || options_.first_filter_size == 7,
          "{}: option 'first_filter_size' is {}; 3 or 7 was wanted (perturb-resnet18 takes 0: masks)", kWhose, options_.first_filter_size);
  require_mask_level(kWhose, options_.level);
}

Value NoiseResnet18::logits(Builder& graph, Value x, int64_t classes) const {
  const int64_t window = options_.first_filter_size;
  const auto normalised = [&](std::string_view name) { x = BatchNorm({}).build(graph, name, x); };
  const auto noise = [&](std::string_view name, int64_t filters) {
    x = Noise({.filters = filters, .level = options_.level}).build(graph, name, x);
  };

  if (!options_.train_stem) graph.parameter("conv1.weight", {options_.width, graph.shape(x)[1], window, window}, kFilterInit, false);
  x = convolution(graph, "conv1", x, options_.width, window, window == 7 ? 2 : 1);
  normalised("bn1");
  x = Relu({}).build(graph, "relu1", x);
  if (window == 7) x = MaxPool({.kernel = 3, .stride = 2, .pad = 1}).build(graph, "maxpool", x);

  for (int stage = 0; stage < 4; ++stage)
    for (int block = 0; block < 2; ++block) {
      const auto inside = graph.scope(fmt::format("layer{}.{}", stage + 1, block));
      const int64_t filters = options_.width << stage, stride = stage > 0 && block == 0 ? 2 : 1;
      Value shortcut = x;
      noise("noise1", filters);
      const bool odd = graph.shape(x)[2] % 2 != 0 || graph.shape(x)[3] % 2 != 0;  // the shortcut keeps the last row and column
      if (stride == 2) x = MaxPool({.kernel = 2, .stride = 2, .ceil = odd}).build(graph, "pool", x);
      normalised("bn1");
      x = Relu({}).build(graph, "relu1", x);
      noise("noise2", filters);
      normalised("bn2");
      if (stride != 1 || graph.shape(shortcut)[1] != filters) {
        shortcut = convolution(graph, "downsample.0", shortcut, filters, 1, stride);
        shortcut = BatchNorm({}).build(graph, "downsample.1", shortcut);
      }
      x = graph.add<AddOp>("add", {}, {x, shortcut});
      x = Relu({}).build(graph, "relu2", x);
    }
  x = GlobalAvgPool({}).build(graph, "avgpool", x);
  return Linear({.features = classes}).build(graph, "fc", x);
}

}  // namespace convscope

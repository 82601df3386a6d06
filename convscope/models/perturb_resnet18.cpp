#include "convscope/models/perturb_resnet18.h"

#include <utility>

#include "convscope/graph/ops/elementwise.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/one_of.h"
#include "convscope/nn/pool.h"

namespace convscope {

namespace {
constexpr std::string_view kName = "perturb-resnet18";

void require_window(std::string_view option, int64_t size) {
  require(size == 0 || size == 1 || size == 3 || size == 5 || size == 7,
          "{}: option '{}' is {}; 0 (masks) or a convolution of 1, 3, 5 or 7 was wanted", kName, option, size);
}
}  // namespace

PerturbResnet18::PerturbResnet18(Options options) : options_(std::move(options)) {
  constexpr int64_t kWidest = 4096;
  require(options_.width >= 1 && options_.width <= kWidest, "{}: option 'width' must lie between 1 and {}, got {}", kName, kWidest,
          options_.width);
  require_window("first_filter_size", options_.first_filter_size);
  require_window("filter_size", options_.filter_size);
  require(!options_.separable || options_.filter_size > 1,
          "{}: separable=true needs a filter_size of 3, 5 or 7: there is nothing to separate in masks or 1×1 convolutions", kName);
  require(!options_.wide_first || options_.first_filter_size == 0,
          "{}: wide_first=true is a first layer of masks; first_filter_size={} makes it a convolution: leave one of them out", kName,
          options_.first_filter_size);
  require_one_of(kName, "pool_type", options_.pool_type, {"max", "avg"});
  options_.check(kName);
}

Value PerturbResnet18::logits(Builder& graph, Value x, int64_t classes) const {
  const auto perturb = [&](std::string_view name, int64_t filters, bool first) {
    Perturb::Options o;
    static_cast<PerturbationOptions&>(o) = options_;
    o.filters = filters;
    o.filter_size = first ? options_.first_filter_size : options_.filter_size;
    o.separable = options_.separable && !first;
    o.first = first;
    x = Perturb(std::move(o)).build(graph, name, x);
  };
  const auto halve = [&] {
    const bool odd = graph.shape(x)[2] % 2 != 0 || graph.shape(x)[3] % 2 != 0;  // the shortcut keeps the last row and column
    x = options_.pool_type == "max" ? MaxPool({.kernel = 2, .stride = 2, .ceil = odd}).build(graph, "pool", x)
                                    : AvgPool({.kernel = 2, .stride = 2, .ceil = odd}).build(graph, "pool", x);
  };

  if (options_.wide_first) {
    WidePerturb::Options o;
    static_cast<PerturbationOptions&>(o) = options_;
    o.filters = options_.width;
    x = WidePerturb(std::move(o)).build(graph, "perturb1", x);
  } else {
    perturb("perturb1", options_.width, true);
  }
  if (options_.first_filter_size == 7) x = MaxPool({.kernel = 3, .stride = 2, .pad = 1}).build(graph, "maxpool", x);
  for (int stage = 0; stage < 4; ++stage)
    for (int block = 0; block < 2; ++block) {
      const auto inside = graph.scope(fmt::format("layer{}.{}", stage + 1, block));
      const int64_t filters = options_.width << stage, stride = stage > 0 && block == 0 ? 2 : 1;
      Value shortcut = x;
      perturb("perturb1", filters, false);
      if (stride == 2) halve();
      perturb("perturb2", filters, false);
      if (stride != 1 || graph.shape(shortcut)[1] != filters) {
        shortcut = Conv2d({.filters = filters, .kernel = 1, .stride = stride, .pad = 0, .bias = false, .init = "he-normal,mode=fan-out"})
                       .build(graph, "downsample.0", shortcut);
        shortcut = BatchNorm({}).build(graph, "downsample.1", shortcut);
      }
      x = graph.add<AddOp>("add", {}, {x, shortcut});
      x = Relu({}).build(graph, "relu", x);
    }
  x = GlobalAvgPool({}).build(graph, "avgpool", x);
  return Linear({.features = classes}).build(graph, "fc", x);
}

}  // namespace convscope

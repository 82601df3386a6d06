#include "convscope/models/scratch.h"

#include "convscope/models/head.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/dropout.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/one_of.h"
#include "convscope/nn/pool.h"

namespace convscope {

Scratch::Scratch(Options options) : options_(std::move(options)) {
  require_one_of("scratch", "norm", options_.norm, {"per-activation", "per-channel"});
  require_one_of("scratch", "init", options_.init, {"faithful", "he"});
}

Value Scratch::logits(Builder& graph, Value x, int64_t classes) const {
  require(side(graph, x) >= 8, "scratch: pictures of {}×{} are too small for its three pools; 8×8 is the least", graph.shape(x)[2],
          graph.shape(x)[3]);
  constexpr int64_t kFilters[] = {32, 32, 64, 64, 128, 128};
  constexpr double kRates[] = {0.2, 0.3, 0.4};
  const bool faithful = options_.init == "faithful", per_activation = options_.norm == "per-activation";
  const std::string conv_init = faithful ? "normal" : "he-normal";
  const std::string linear_init = faithful ? "scaled-normal" : "he-normal";
  const std::string bias_init = faithful ? "normal" : "zeros";
  const BatchNorm norm(
      {.eps = 1e-7, .momentum = 0.01, .per_activation = per_activation, .unbiased = !per_activation, .scalar_scale = per_activation});

  for (int n = 1; n <= 6; ++n) {
    x = Conv2d({.filters = kFilters[n - 1], .init = conv_init, .bias_init = bias_init}).build(graph, fmt::format("conv{}", n), x);
    x = Relu({}).build(graph, fmt::format("relu{}", n), x);
    x = norm.build(graph, fmt::format("bn{}", n), x);
    if (n % 2 == 1) continue;
    const int stage = n / 2;
    x = MaxPool({}).build(graph, fmt::format("pool{}", stage), x);
    if (options_.dropout) x = Dropout({.rate = kRates[stage - 1]}).build(graph, fmt::format("dropout{}", stage), x);
  }
  return Linear({.features = classes, .init = linear_init, .bias_init = bias_init}).build(graph, "linear", x);
}

}  // namespace convscope

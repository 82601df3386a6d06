#include "convscope/models/alexnet.h"

#include "convscope/models/head.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/dropout.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/pool.h"

namespace convscope {

Alexnet::Alexnet(Options options) : options_(std::move(options)) {
  require(options_.dropout >= 0 && options_.dropout < 1, "alexnet: option 'dropout' must be at least 0 and below 1, got {}",
          options_.dropout);
}

Value Alexnet::logits(Builder& graph, Value x, int64_t classes) const {
  constexpr int64_t kFirstWindow = 11, kPoolWindow = 3;
  require(side(graph, x) >= kFirstWindow, "alexnet: pictures of {}×{} are too small for its first convolution; {}×{} is the least",
          graph.shape(x)[2], graph.shape(x)[3], kFirstWindow, kFirstWindow);
  const auto convolution = [&](int n, Conv2d::Options options) {
    options.init = options_.init;
    options.bias_init = options_.bias_init;
    x = Conv2d(options).build(graph, fmt::format("conv{}", n), x);
    x = Relu({}).build(graph, fmt::format("relu{}", n), x);
  };
  const auto pool = [&](int n) {
    if (side(graph, x) >= kPoolWindow) x = MaxPool({.kernel = kPoolWindow, .stride = 2}).build(graph, fmt::format("pool{}", n), x);
  };
  const auto norm = [&](int n) {
    x = BatchNorm({.eps = 1e-3, .momentum = 0.01, .unbiased = false}).build(graph, fmt::format("bn{}", n), x);
  };
  const auto dense = [&](int n) {
    if (options_.dropout > 0) x = Dropout({.rate = options_.dropout}).build(graph, fmt::format("dropout{}", n), x);
    x = Linear({.features = 2048, .init = options_.init, .bias_init = options_.bias_init}).build(graph, fmt::format("linear{}", n), x);
    x = Relu({}).build(graph, fmt::format("linear{}.relu", n), x);
  };

  convolution(1, {.filters = 96, .kernel = kFirstWindow, .stride = 4, .pad = 0});
  pool(1);
  norm(1);
  convolution(2, {.filters = 256, .kernel = 5, .pad = 2});
  pool(2);
  norm(2);
  convolution(3, {.filters = 384});
  convolution(4, {.filters = 384});
  convolution(5, {.filters = 256});
  pool(3);
  dense(1);
  dense(2);
  return Linear({.features = classes, .init = options_.init, .bias_init = options_.bias_init}).build(graph, "linear3", x);
}

}  // namespace convscope

#include "convscope/models/fully_connected.h"

#include "convscope/nn/activation.h"
#include "convscope/nn/dropout.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/one_of.h"

namespace convscope {

FullyConnected::FullyConnected(Options options) : options_(std::move(options)) {
  struct Size {
    std::string name;
    int64_t features[2];  // with one and with two hidden layers
  };
  const std::vector<Size> sizes{{"tiny", {58, 55}}, {"small", {200, 180}}, {"medium", {800, 600}}, {"large", {3000, 1500}}};
  require_one_of("fully-connected", "size", options_.size, {"tiny", "small", "medium", "large"});
  require(options_.hidden == 1 || options_.hidden == 2, "fully-connected: option 'hidden' is {}; 1 or 2 were wanted", options_.hidden);
  require(options_.dropout >= 0 && options_.dropout < 1, "fully-connected: option 'dropout' must be at least 0 and below 1, got {}",
          options_.dropout);
  for (const Size& size : sizes)
    if (size.name == options_.size) features_ = size.features[options_.hidden - 1];
}

Value FullyConnected::logits(Builder& graph, Value x, int64_t classes) const {
  for (int64_t n = 1; n <= options_.hidden; ++n) {
    x = Linear({.features = features_}).build(graph, fmt::format("linear{}", n), x);
    x = Relu({}).build(graph, fmt::format("relu{}", n), x);
    if (options_.dropout > 0) x = Dropout({.rate = options_.dropout}).build(graph, fmt::format("dropout{}", n), x);
  }
  return Linear({.features = classes}).build(graph, fmt::format("linear{}", options_.hidden + 1), x);
}

}  // namespace convscope

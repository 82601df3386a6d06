#include "convscope/models/medium.h"

#include "convscope/models/head.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/pool.h"

namespace convscope {

Value Medium::logits(Builder& graph, Value x, int64_t classes) const {
  require(side(graph, x) >= 16, "medium: pictures of {}×{} are too small for its four pools; 16×16 is the least", graph.shape(x)[2],
          graph.shape(x)[3]);
  int n = 0;
  const auto stage = [&](std::string_view name, int64_t filters) {
    ++n;
    x = Conv2d({.filters = filters, .init = options_.init, .bias_init = options_.bias_init}).build(graph, name, x);
    x = Relu({}).build(graph, fmt::format("relu{}", n), x);
    x = MaxPool({}).build(graph, fmt::format("pool{}", n), x);
  };
  stage("conv1", 16);
  stage("conv2", 16);
  stage("conv2", 16);  // the same weights again; this node is called conv2.2
  stage("conv3", 32);
  return dense_head(graph, x, classes, options_.init, options_.bias_init);
}

}  // namespace convscope

#include "convscope/models/head.h"

#include "convscope/nn/activation.h"
#include "convscope/nn/linear.h"

namespace convscope {

Value dense_head(Builder& graph, Value x, int64_t classes, std::string_view init, std::string_view bias_init) {
  const auto linear = [&](int64_t features) {
    return Linear({.features = features, .init = std::string(init), .bias_init = std::string(bias_init)});
  };
  x = linear(512).build(graph, "linear1", x);
  x = Relu({}).build(graph, "linear1.relu", x);
  x = linear(50).build(graph, "linear2", x);
  x = Relu({}).build(graph, "linear2.relu", x);
  return linear(classes).build(graph, "linear3", x);
}

}  // namespace convscope

#include "convscope/nn/dropout.h"

#include "convscope/graph/ops/drop_images.h"

namespace convscope {

Value Dropout::build(Builder& graph, std::string_view name, Value x) const {
  require(options_.rate >= 0 && options_.rate < 1, "dropout '{}': the rate must be at least 0 and below 1, got {}", graph.path(name),
          options_.rate);
  return graph.add<DropoutOp>(name, {.rate = options_.rate, .stream = graph.path(name)}, {x});
}

Value StochasticDepth::build(Builder& graph, std::string_view name, Value x) const {
  return graph.add<DropImagesOp>(name, {.rate = options_.rate, .stream = graph.path(name)}, {x});
}

}  // namespace convscope

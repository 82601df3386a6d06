#include "convscope/nn/linear.h"

#include "convscope/graph/ops/linear.h"
#include "convscope/nn/initialisers.h"

namespace convscope {

Value Linear::build(Builder& graph, std::string_view name, Value x) const {
  const Shape in = graph.shape(x);
  require(in.rank() >= 2, "linear '{}': the input is {}, [N, F] was wanted", graph.path(name), in);
  require(options_.features >= 1, "linear '{}': {} features; at least 1 is needed", graph.path(name), options_.features);

  const Shape weight{options_.features, in.inner()};
  std::vector<Value> inputs{x, graph.parameter(fmt::format("{}.weight", name), weight, options_.init)};
  if (options_.bias) {
    inputs.push_back(
        graph.parameter(fmt::format("{}.bias", name), {options_.features}, bias_initialiser(options_.bias_init, fans(weight).in)));
  }
  return graph.add<LinearOp>(name, {.bias = options_.bias}, std::move(inputs));
}

}  // namespace convscope

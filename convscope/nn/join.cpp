#include "convscope/nn/join.h"

#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/multiply.h"

namespace convscope {

Value Layer::join(Builder& graph, std::string_view name, std::vector<Value> inputs) const {
  require(inputs.size() == 1, "'{}' takes one value, not {}; add, multiply and concat take several", graph.path(name), inputs.size());
  return build(graph, name, inputs.front());
}

Value Add::join(Builder& graph, std::string_view name, std::vector<Value> inputs) const {
  require(inputs.size() >= 2, "add '{}' of one value; two or more were wanted", graph.path(name));
  Value sum = inputs.front();
  for (size_t i = 1; i + 1 < inputs.size(); ++i) sum = graph.add<AddOp>(fmt::format("{}.sum", name), {}, {sum, inputs[i]});
  return graph.add<AddOp>(name, {}, {sum, inputs.back()});
}

Value Multiply::join(Builder& graph, std::string_view name, std::vector<Value> inputs) const {
  require(inputs.size() == 2, "multiply '{}' of {} values; two were wanted", graph.path(name), inputs.size());
  return graph.add<MultiplyOp>(name, {}, std::move(inputs));
}

}  // namespace convscope

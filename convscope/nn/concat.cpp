#include "convscope/nn/concat.h"

#include "convscope/graph/ops/concat.h"

namespace convscope {

Value concat(Builder& graph, std::string_view name, std::vector<Value> inputs) {
  const int64_t count = static_cast<int64_t>(inputs.size());
  return graph.add<ConcatOp>(name, {.inputs = count}, std::move(inputs));
}

}  // namespace convscope

#include "convscope/nn/silu.h"

#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/multiply.h"

namespace convscope {

Value Silu::build(Builder& graph, std::string_view name, Value x) const {
  return graph.add<MultiplyOp>(name, {}, {x, graph.add<SigmoidOp>(fmt::format("{}.gate", name), {}, {x})});
}

}  // namespace convscope

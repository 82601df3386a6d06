#include "convscope/nn/activation.h"

#include "convscope/graph/ops/elementwise.h"

namespace convscope {

Value Relu::build(Builder& graph, std::string_view name, Value x) const { return graph.add<ReluOp>(name, {}, {x}); }

Value Softmax::build(Builder& graph, std::string_view name, Value x) const { return graph.add<SoftmaxOp>(name, {}, {x}); }

}  // namespace convscope

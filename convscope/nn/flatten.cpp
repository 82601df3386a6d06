#include "convscope/nn/flatten.h"

#include "convscope/graph/ops/reshape.h"

namespace convscope {

Value Flatten::build(Builder& graph, std::string_view name, Value x) const { return graph.add<FlattenOp>(name, {}, {x}); }

}  // namespace convscope

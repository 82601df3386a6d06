#include "convscope/nn/pool.h"

namespace convscope {

Value MaxPool::build(Builder& graph, std::string_view name, Value x) const { return graph.add<MaxPoolOp>(name, options_, {x}); }

Value AvgPool::build(Builder& graph, std::string_view name, Value x) const { return graph.add<AvgPoolOp>(name, options_, {x}); }

Value GlobalAvgPool::build(Builder& graph, std::string_view name, Value x) const { return graph.add<GlobalAvgPoolOp>(name, {}, {x}); }

}  // namespace convscope

#pragma once

#include <string_view>
#include <vector>

#include "convscope/graph/builder.h"

namespace convscope {

/** Channels one behind the other: a node `name`. Not a layer of the table, since a layer has one input. */
Value concat(Builder& graph, std::string_view name, std::vector<Value> inputs);

}  // namespace convscope

#pragma once

#include "convscope/nn/layer.h"

namespace convscope {

/** linear1 to 512, ReLU, linear2 to 50, ReLU, linear3 to the classes: what study D's networks end with. */
Value dense_head(Builder& graph, Value x, int64_t classes, std::string_view init, std::string_view bias_init);

/** Rows or columns, whichever are fewer. */
inline int64_t side(const Builder& graph, Value x) { return std::min(graph.shape(x)[2], graph.shape(x)[3]); }

}  // namespace convscope

#pragma once

#include <string>
#include <vector>

#include "convscope/graph/graph.h"

namespace convscope {

/** The parameters of the last layer, which tell the classes apart: its weight and, where it has one, its bias. */
struct Head {
  std::string weight, bias;  // an empty bias: none
  bool has(std::string_view name) const { return !name.empty() && (name == weight || name == bias); }
};

/** Of a network that ends in a linear layer or in a 1×1 convolution and means of its planes; an error where it ends otherwise. */
Head head_of(const Graph& network);

/**
 * The same network for another count of classes: its last layer is another one of the same inputs, to be initialised anew, and all else
 * keeps name and shape. What makes two classes of one number goes.
 */
Graph with_classes(const Graph& network, int64_t classes);

}  // namespace convscope

#pragma once

#include "convscope/graph/graph.h"

namespace convscope {

/** Layers with filters, in the order of the graph: convolutions and fully connected ones with weights of their own. */
std::vector<std::string> layers_with_weights(const Graph& graph);

/** The filters of a layer, as pictures of what it looks at: [K, C, R, S]. */
struct Filters {
  std::string layer;
  std::string parameter;
  Shape shape;             // of a layer behind a flatten the picture that it flattened, [K, C, H, W]
  bool on_pixels = false;  // no other filters stand before it: its channels are those of the picture
  size_t number = 0;       // among the layers that have filters, from 0
};

/** `layer` by its name or its parameter's; the error shows layers that have filters to draw. */
Filters filters_of(const Graph& graph, std::string_view layer);

enum class Which { first, last };

/** The activation behind the first or last convolution, which is what people call that layer's output; the convolution where there is none.
 */
std::string answer_of_convolution(const Graph& graph, Which which);

/** "relu of conv1, before bn1": where a node stands. */
std::string where_in_network(const Graph& graph, std::string_view node);

/** The node's name as a layer of pixels' making, in one spelling; a parameter or a name that nobody has is an error that shows the nearest.
 */
std::string require_layer(const Graph& graph, std::string_view node);

}  // namespace convscope

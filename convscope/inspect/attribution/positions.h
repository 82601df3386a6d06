#pragma once

#include "convscope/graph/graph.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/** Nodes whose numbers stand at positions of the picture, and their maps in its size. */

/** Whether a node gives a map: [N, C, H, W] with more than one position. */
bool has_positions(const Shape& shape);

/**
 * The node where a class activation map is taken if nobody says another: the last one with positions that the value `of` depends on and
 * that does more than to pass on what it gets (pools, resampling, padding). "" where there is none.
 */
std::string last_with_positions(const Graph& graph, Value of);

/**
 * The nodes that are asked for, "layer2+layer3"; nothing said: the last with positions. An error where one has no positions, or lies not
 * between pixels and `of`; `method` opens it.
 */
std::vector<std::string> nodes_with_positions(const Graph& graph, Value of, std::string_view asked, std::string_view method);

/**
 * A map [h, w] in the picture's rows and columns, bilinear between the middles of its positions, the border's numbers beyond them: what
 * PyTorch's `interpolate(mode="bilinear", align_corners=False)` gives.
 */
std::vector<double> upsampled(std::span<const double> map, int64_t h, int64_t w, int64_t rows, int64_t columns);

}  // namespace convscope

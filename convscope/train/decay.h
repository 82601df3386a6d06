#pragma once

#include <set>
#include <string>
#include <vector>

#include "convscope/engine/weights.h"

namespace convscope {

/** The weights of convolutions, of many masks' mixing and of linear layers: parameters that such a node reads as its weight. */
std::set<std::string> kernels_of(const Graph& network);

/** `Update::decayed` for decay on kernels alone: 1 for the blocks of their numbers, 0 for all others. */
std::vector<float> decay_on_kernels(const Graph& network, const Weights& weights);

}  // namespace convscope

#pragma once

#include <map>
#include <string>

#include "convscope/data/dataset.h"
#include "convscope/graph/graph.h"
#include "convscope/nn/initialisers.h"
#include "convscope/nn/normalize.h"

namespace convscope {

/**
 * Directions of the patches [C, rows, columns] of the first 5000 pictures of the data, normalised as the network does it: eigenvectors of
 * their second moment, and the mean squares along them.
 */
WhiteningAxes whitening_axes(const Dataset& data, const Normalization& normalization, int64_t rows, int64_t columns);

/** Fills in the parameters whose initialiser is `whitening`, filters on the normalised pictures. */
void fill_whitening(const Graph& network, const Dataset& data, const Normalization& normalization, std::map<std::string, Tensor>& tensors);

}  // namespace convscope

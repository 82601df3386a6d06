#pragma once

#include "convscope/engine/program.h"

namespace convscope {

/**
 * Why a loss is not finite: the parameter or the first node (in the order of computing) that holds a NaN or an infinity for these
 * pictures, "layer1.0.bn1: 12 of 131072 numbers, the first for image 3".
 */
std::string first_non_finite(const Graph& network, const std::shared_ptr<Weights>& weights, const Request& request, const Tensor& pixels,
                             const Tensor& labels, const RunContext& context);

}  // namespace convscope

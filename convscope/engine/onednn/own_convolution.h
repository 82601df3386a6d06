#pragma once

/** 3×3 convolutions, and gradients of 1×1 weights, by kernels of our own: which ones, and their steps. */

#include "convscope/engine/onednn/lowering.h"

namespace convscope::onednn {

/** Whether any convolution may be done by Winograd's algorithm. */
bool winograd_is_used(const OneDnnEngine::Options& options, Precision precision);

/** Rows of the table of implementations, from special to general. */
std::span<const Implementation> own_convolution_implementations();

/** How the weights of a convolution lie, [K, C, 3, 3] in blocks of input and output channels. */
Desc weights_in_blocks(const Dims& weight);
/** Whether that is how the gradient of these weights is made. */
bool makes_gradient_in_blocks(const Lowering& low, const Node& node);

}  // namespace convscope::onednn

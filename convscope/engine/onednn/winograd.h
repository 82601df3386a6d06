#pragma once

/** Convolutions by our own Winograd kernels: which ones, and their steps. */

#include "convscope/engine/onednn/lowering.h"

namespace convscope::onednn {

/** Whether any convolution may be done so. */
bool winograd_is_used(const OneDnnEngine::Options& options, Precision precision);
bool winograd_suits_forward(const Lowering& low, const Node& node);
bool winograd_suits_backward_data(const Lowering& low, const Node& node);
bool winograd_suits_backward_weights(const Lowering& low, const Node& node);

void lower_winograd_forward(Lowering& low, int index);
void lower_winograd_backward_data(Lowering& low, int index);
void lower_winograd_backward_weights(Lowering& low, int index);

/** How the weights of a convolution lie, [K, C, 3, 3] in blocks of input and output channels. */
Desc winograd_weights_desc(const Dims& weight);

}  // namespace convscope::onednn

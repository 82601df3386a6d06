#pragma once

#include "convscope/graph/gradient.h"

namespace convscope {

/**
 * The gradient's way, on which every bias notes what it adds: "bias of <node>" is ∂f/∂z ⊙ b, in z's shape, for convolutions, dense layers
 * and batch norms. What the normalisation of pixels gives notes ∂f/∂x ⊙ x as kInputShare, since it is the network's input.
 */
std::shared_ptr<const Ruling> bias_shares_ruling();
inline constexpr std::string_view kInputShare = "share of the input";

}  // namespace convscope

#pragma once

#include "convscope/engine/kernels/grid.h"

namespace convscope::kernels {

/**
 * Layer normalisation of the channels at each point: y = (x − mean) / √(variance + eps), the biased variance. The channels fill their
 * blocks
 * (`grid.channels` is `grid.padded_channels()`). y may be x.
 */
void standardize_channels(const Grid& grid, double eps, const void* x, void* y);
/** dx = (dy − mean dy − y · mean(dy y)) / √(variance + eps). dx may be x or dy. */
void standardize_channels_backward(const Grid& grid, double eps, const void* x, const void* dy, void* dx);

}  // namespace convscope::kernels

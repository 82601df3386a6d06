#pragma once

#include "convscope/engine/kernels/grid.h"

namespace convscope::kernels {

/**
 * Inverted dropout, y = x · [u ≥ threshold · 2⁻²⁴] · scale, with u drawn as RandomStream does: number of the element in [C, H, W] order,
 * `part` of the image. Four points share a block of random words, so the points of a plane are a multiple of 4.
 */
void dropout(const Grid& grid, const void* x, const uint32_t* key, const uint64_t* part, uint32_t threshold, float scale, void* y);

/** y = x · (sign > 0 ? 1 : slope), slope = lower + (upper − lower) u, u drawn as in `dropout`. y may be sign or x. */
void random_slope(const Grid& grid, const void* sign, const void* x, const uint32_t* key, const uint64_t* part, float lower, float upper,
                  void* y);

}  // namespace convscope::kernels

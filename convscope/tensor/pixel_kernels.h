#pragma once

#include <cstdint>

namespace convscope {

/** The inner loops over bytes of pictures, compiled for each kind of processor; whole numbers, so that all give the same bytes. */

/** Bits behind the point of weights: Pillow's, a sum of 8-bit pixels with room for its sign. */
inline constexpr int kWeightBits = 32 - 8 - 2;
/** Pixels side by side in the inner loops. */
inline constexpr int64_t kPixelLanes = 32;

/**
 * A row as the weighed sum of `count` rows, rounded:  to[x] = ½ + Σ_k weights[k] · from[k · stride + x],  x < width.
 *
 *   from     `count` rows, `stride` bytes from one to the next
 *   weights  [count], kWeightBits behind the point, none below 0, about 1 together
 *   width    a multiple of kPixelLanes
 */
void weigh_rows(const uint8_t* from, int64_t stride, const int32_t* weights, int64_t count, int64_t width, uint8_t* to);

/** [count, 3] to [3, count]. */
void part_colours(const uint8_t* from, int64_t count, uint8_t* to);

}  // namespace convscope

#pragma once

#include <span>

#include "convscope/tensor/shape.h"

namespace convscope {

/** The mirror image, left for right, of pixels [C, H, W] where they lie: y[c, i, j] = x[c, i, W − 1 − j]. */
void mirror(const Shape& shape, std::span<float> pixels);

/**
 * Pixels [C, H, W] moved where they lie: y[c, i, j] = x[c, i + row, j + column]; outside, the picture is mirrored at its outermost pixels.
 * |row| < H and |column| < W.
 */
void move_reflected(const Shape& shape, int64_t row, int64_t column, std::span<float> pixels);

}  // namespace convscope

#pragma once

#include <span>

#include "convscope/tensor/image.h"

namespace convscope {

/** Pictures of one size and kind, row by row, without gaps; what is left of the last row is black. At least one. */
Image montage(std::span<const Image> pictures, int64_t columns);

/** Picture `n` of a montage of pictures that big. */
Image piece(const Image& montage, int64_t columns, int64_t rows_each, int64_t columns_each, int64_t n);

/** Made smaller, with antialiasing, until no side is longer. */
Image shrunk(Image image, int64_t longest_side);

/** Every pixel as `times` × `times` of them: nearest neighbour. */
Image enlarged(const Image& image, int64_t times);

}  // namespace convscope

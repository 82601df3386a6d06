#pragma once

#include <span>
#include <string_view>

#include "convscope/tensor/shape.h"

namespace convscope {

/**
 * The numbers of an IDX file of bytes, the format of the MNIST family:
 *
 *   0 0 8 rank     8: unsigned bytes
 *   extents        `rank` of them, 32 bits each, big-endian
 *   numbers        row-major
 *
 * `wanted` is what the data set's makers published: a file of other extents, and one that is shorter or longer than its own, is refused.
 */
std::span<const uint8_t> idx_numbers(std::string_view file, const Shape& wanted, std::string_view whose);

/** Bytes of such a file. */
int64_t idx_file_bytes(const Shape& wanted);

}  // namespace convscope

#pragma once

#include <string>

#include "convscope/tensor/image.h"

namespace convscope {

/** JPEG of a quality of 1 … 100, grey or in colour with the colours at half the resolution (4:2:0): the numbers are those of Pillow's. */
std::string encode_jpeg(const Image& image, int quality);

}  // namespace convscope

#pragma once

#include <string_view>

#include "convscope/tensor/image.h"

namespace convscope {

/**
 * How a camera was held, as the EXIF block of a JPEG file says it: 1 as it is, 2 mirrored, 3 upside down, 4 that mirrored, 5 mirrored and
 * turned left, 6 turned right, 7 mirrored and turned right, 8 turned left; 1 where nothing is said, or nothing that makes sense.
 */
int orientation_of(std::string_view jpeg);

/** The picture as the one behind the camera saw it. */
Image oriented(const Image& image, int orientation);

}  // namespace convscope

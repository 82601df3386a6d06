#pragma once

#include <cstdint>

#include "convscope/report/draw/colour.h"

namespace convscope {

/** A colour for each class that stands out on light and dark paper: ten that differ clearly, then hues that lie far from their neighbours'.
 */
Colour class_colour(int64_t y);

}  // namespace convscope

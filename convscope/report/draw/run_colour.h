#pragma once

#include <cstddef>

#include "convscope/report/draw/colour.h"

namespace convscope {

/** The colour of line `n`, unlike that of any other: `kRunColours`, then hues that lie far from their neighbours'. */
Colour run_colour(size_t n);

}  // namespace convscope

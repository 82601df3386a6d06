#pragma once

#include "convscope/data/planes.h"

namespace convscope {

inline constexpr int64_t kFrostTextures = 5;

/** Ice as `Frost` lays it over pictures of 32 × 32: colour [3, 192, 192] in [0, 1], made once, the same on every machine. */
const Planes& frost_texture(int64_t number);

}  // namespace convscope

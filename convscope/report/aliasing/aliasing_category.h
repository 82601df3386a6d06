#pragma once

#include "convscope/report/draw/colour.h"
#include "convscope/results/aliasing_record.h"

namespace convscope {

/** One of the four things that may happen to a frequency, as figures show it: the aliasing study's words and colours. */
struct AliasingCategory {
  const char* name;
  Colour colour;
  double AliasingShares::*share;
  int level;  // in a map of frequencies
};

// In the order of tables and pies.
inline constexpr AliasingCategory kAliasingCategories[] = {
    {"non-aliased", colour(0x2a2ad4), &AliasingShares::non_aliased, 1},
    {"aliased", colour(0xd4d42a), &AliasingShares::aliased, 2},
    {"aliased-tangled", colour(0xff0000), &AliasingShares::tangled, 3},
    {"no pass", colour(0x333333), &AliasingShares::no_pass, 0},
};
/** Places above, in the order of colour bars and box plots: no pass first. */
inline constexpr size_t kNoPassFirst[] = {3, 0, 1, 2};

}  // namespace convscope

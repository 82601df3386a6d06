#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "convscope/ranks/ranks.h"

namespace convscope {

/**
 * Shares out pieces 0 … count−1 of some work: who is done with one gets another (ranks/handout.h), and the root gets what each came to in
 * the order of the pieces, so that it makes of them what one rank alone would. `work(i)` gives bytes; `take(i, bytes)` is called on the
 * root alone, for each piece once, maybe after later ones were worked on.
 */
void in_order(Ranks& ranks, int64_t count, const std::function<std::string(int64_t piece)>& work,
              const std::function<void(int64_t piece, std::string_view bytes)>& take);

}  // namespace convscope

#pragma once

#include <span>

#include "convscope/report/page/section.h"

namespace convscope {

/** What is left of each network's accuracy under the same attack on the same data: a figure an attack that at least two runs have. */
Html compared_attacks(std::span<const RunFolder> runs, Json& plots);

}  // namespace convscope

#pragma once

#include <span>

#include "convscope/report/page/section.h"

namespace convscope {

/**
 * Where networks drop samples, signal by signal and side by side: energy that folds and what is aliased or tangled, of runs that were asked
 * the same about the same images; of the first and each other one the mean difference of an image's folded energy. Empty where no two are.
 */
Html compared_aliasing(std::span<const RunFolder> runs);

}  // namespace convscope

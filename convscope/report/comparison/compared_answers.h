#pragma once

#include <span>

#include "convscope/report/page/section.h"

namespace convscope {

/**
 * Accuracies with Wilson's intervals; of runs with answers image by image (predictions.csv) to the same data the paired differences, and
 * the images on which they disagree most. Nothing where no run was evaluated.
 */
Html compared_answers(std::span<const RunFolder> runs);

}  // namespace convscope

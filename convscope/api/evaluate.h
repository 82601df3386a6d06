#pragma once

#include "convscope/api/pictures.h"
#include "convscope/results/evaluation.h"

namespace convscope {

/**
 * Accuracy, loss and confusions of a network on pictures, every one counted once; `batch` at once changes speed and memory, not the counts.
 * A folder gets what a report page shows of it: evaluation.json, predictions/ (the first images and the most confident mistakes, with their
 * pictures, and a table of all answers) and figures/confusion-matrix.
 */
Evaluation evaluate(const Network& network, const Pictures& pictures, const Path& folder = {}, const Setting& setting = {},
                    int64_t batch = 256);

}  // namespace convscope

#pragma once

#include <span>
#include <string>

#include "convscope/results/epoch_metrics.h"
#include "convscope/train/options.h"

namespace convscope {

/**
 * By which of its options a training has ended after these epochs: "epochs", "patience" (so many epochs without a better test accuracy),
 * "stop_at" (the accuracy is reached); empty where it goes on.
 */
std::string ended_by(const TrainOptions& options, std::span<const EpochMetrics> metrics);

}  // namespace convscope

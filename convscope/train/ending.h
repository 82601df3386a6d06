#pragma once

#include <span>
#include <string>

#include "convscope/results/epoch_metrics.h"
#include "convscope/train/options.h"

namespace convscope {

inline constexpr const char* kCollapse = "most_lost";  // catastrophic overfitting of an adversarial training

/**
 * By which of its options a training has ended after these epochs: "epochs", "patience" (so many epochs without a better test accuracy),
 * "stop_at" (the accuracy is reached), or `kCollapse`; empty where it goes on.
 */
std::string ended_by(const TrainOptions& options, std::span<const EpochMetrics> metrics);

/** Whether a training ends where it collapses, if somebody looks. */
bool bears_no_collapse(const TrainOptions& options);

}  // namespace convscope

#pragma once

#include "convscope/results/training_summary.h"
#include "convscope/train/trainer.h"

namespace convscope {

/**
 * Trains in a run folder, or goes on with it, and leaves there what people look at: learning curves after each epoch, and when the
 * training has ended evaluation.json, predictions/ and the confusion matrix. A finished run is evaluated anew, not trained. The report page
 * is left to the caller.
 */
TrainingSummary train_into(const Path& run, const TrainOptions& options, const TrainData& data, bool resume, std::span<const Path> roots,
                           TrainHooks hooks);

/** "resnet20 on cifar10". */
std::string training_title(const TrainOptions& options);

}  // namespace convscope

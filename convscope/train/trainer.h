#pragma once

#include <vector>

#include "convscope/base/file.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/train/hooks.h"
#include "convscope/train/options.h"
#include "convscope/train/training_data.h"

namespace convscope {

enum class Ending { finished, stopped };
struct TrainResult {
  Ending ending = Ending::finished;
  std::vector<EpochMetrics> metrics;
};

/**
 * Trains in a run folder: `run.json`, `metrics.jsonl`, `model.safetensors` (the last state, with what resuming needs) and
 * `best.safetensors`. With a running average (`ema`) the networks in the files are the average. A run that was stopped or killed goes on
 * from its last checkpoint with `resume`, to the same bytes as if it had never been interrupted. A loss that is not finite is an error that
 * names epoch, step and the node in which it first appears.
 *
 * Several ranks (`hooks.ranks`) share out the shards of each batch and the test pictures, all with the same options and data, or an error
 * names the rank that is unlike the root. The root alone reads and writes the run folder; the others hear from it what lies there, and how
 * many they are may be another number when it goes on. All come to the same result.
 */
TrainResult train(const TrainOptions& options, const TrainData& data, const Path& run, bool resume, const TrainHooks& hooks);

/** Whether the last checkpoint of a run folder is a finished network; false where there is none. */
bool is_finished(const TrainOptions& options, const Path& run);

}  // namespace convscope

#pragma once

#include <optional>

#include "convscope/api/watch.h"
#include "convscope/results/training_summary.h"
#include "convscope/train/trainer.h"

namespace convscope {

/** What goes with a training besides its options. */
struct TrainingRequest {
  bool resume = false;  // goes on from the folder's last checkpoint
  WatchOptions watch = {};
  Json watch_given = json_object();  // what of `watch` was said now, where a training goes on
  std::string tensorboard = {};      // folder for the event files of a TensorBoardLog; empty: none
  bool debug = false;                // tells at each update what perturbation layers do
  TrainHooks hooks = {};             // progress and observers; to stop is the setting's affair
};

/**
 * Trains in a run folder, or goes on with it, and leaves there what people look at: learning curves after each epoch, and when the
 * training has ended evaluation.json, predictions/ and the confusion matrix. A finished run is evaluated anew, not trained. The report page
 * is left to the caller. Of several ranks the root has the folder, and its summary alone tells more than how the training ended.
 */
TrainingSummary train_run(const Path& run, const TrainOptions& options, const TrainingRequest& request = {}, const Setting& setting = {});

/** Where the options of a training come from, besides what somebody says now. */
struct Recipe {
  std::string config = {};  // a run.json whose options stand where nobody says otherwise
  Path folder = {};         // a run that is gone on with, or its first sibling; its run.json stands alike
  bool resume = false;
  int64_t shards = 1;  // of one that begins, where nobody says how many
};

/**
 * What is `given` over the preset that it names, over the recipe, over the preset auto, which looks for the data in `roots`. A run that
 * goes on keeps its options, and an error says which one is another.
 */
TrainOptions training_options(const Json& given, const Path& run, const Recipe& recipe = {}, std::optional<int64_t> seed = {},
                              std::span<const Path> roots = {});

/** "resnet20 on cifar10". */
std::string training_title(const TrainOptions& options);

}  // namespace convscope

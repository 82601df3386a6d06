#pragma once

#include "convscope/nn/normalize.h"
#include "convscope/train/options.h"

namespace convscope {

/** What a training has to learn from, as far as its recipe asks. */
struct LearningTask {
  Shape image;  // [C, H, W]
  int64_t classes = 0;
  int64_t samples = 0;           // that are learnt from
  Normalization statistics;      // mean and deviation of each channel, of some of the pictures
  std::string harmless_changes;  // of the pictures, as `augment` takes them
};
LearningTask learning_task(TrainOptions options, std::span<const Path> roots);

/**
 * Where a good engineer would start: values of TrainOptions by network and data, for all that decides whether and how fast it learns.
 *
 *   epochs      20 √(60,000 / samples), 10 to 60: few pictures are seen more often, but not all the more often
 *   batch       128; less where an epoch would have fewer than 100 updates, 16 at least
 *   optimiser   where each convolution goes straight into a batch norm, so that the size of its weights does not matter:
 *               SGD with Nesterov momentum, rate 0.1 batch / 128
 *               else AdamW, rate 4e-3, and 2e-2 for kernels that start from N(0, 1)
 *   schedule    one cycle (Smith and Topin 2018)
 *   decay       of kernels alone
 *   normalize   by the data's own statistics
 *   augment     what leaves the data's classes as they are
 *
 * Goal: no network at chance, and at most 2 points below the best recipe that we know. Non-goal: the best; nothing is searched.
 */
Json auto_recipe(const std::string& model, const LearningTask& task);

/** Whether a training begins with a network of somebody else: an ONNX file or a state dict. */
bool begins_elsewhere(const std::string& from);

/**
 * Where a good engineer would start from a network that has learnt something else: few epochs, small steps, the last layer ten times as
 * fast as what is there already.
 *
 *   epochs      12          batch      32; less where an epoch would have fewer than 20 updates, 8 at least
 *   optimiser   AdamW, rate 1e-3, one cycle, decay of kernels alone; rates head=1+*=0.1
 *   normalize   what the network wants, as it is said; augment: what leaves the data's classes as they are
 */
Json fine_tuning_recipe(const LearningTask& task);

/** Whether `given` leaves it nothing to choose: the options of a run that it chose before, for example. */
bool chosen_by_auto_recipe(const Json& given);
/** `options` without what the recipe chooses. */
Json without_recipe(Json options);

/** What the recipe chose, as resolved: "20 epochs, batch 128, …". */
std::string recipe_text(const TrainOptions& options);

}  // namespace convscope

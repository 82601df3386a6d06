#pragma once

#include <span>
#include <string>
#include <vector>

#include "convscope/results/perturbative_record.h"
#include "convscope/study/study.h"

namespace convscope {

/** A network of the study; its training is that of a preset (train/presets.cpp). */
struct PerturbativeRecipe {
  const char* name;
  const char* label;  // {masks} and {width} are the network's own
  const char* group;  // of PerturbativeRun, as are kind and role
  const char* kind;
  const char* role;
  const char* preset;
  const char* model = "";       // another one than the preset's
  double published = kUnknown;  // percent
  const char* note = "";
  bool quick = true;  // whether the quick scale trains it
};
std::span<const PerturbativeRecipe> perturbative_recipes();

/** How much of the study is done. */
struct PerturbativePlan {
  Scale scale = Scale::quick;  // the full one trains as published, and all that follows up to `seeds` is of the others
  int64_t epochs = 8;
  int64_t meter_epochs = 8;  // of the network whose meters are compared
  int64_t limit = 20000;     // training images; 0: all
  int64_t divide = 4;        // widths
  int64_t divide_masks = 8;  // counts of masks above 1
  int64_t batch = 0;         // images an update; 0: as published
  int64_t meter_batch = 0;   // test images a batch of the published meters; 0: as many as an update has
  double rate = 0.03;        // peak of one cycle, the same for all: the published schedules would not change the rate in so few epochs
  int64_t seeds = 3;         // of the three curves
  std::vector<int64_t> fit_images = {1, 10, 100, 1000};
  std::vector<int64_t> fit_masks = {1, 9};  // 9 masks have as many weights as a 3×3 convolution
  int64_t fit_channels = 12, fit_side = 8, fresh_images = 200;
  int64_t trials = 30;  // simulated trainings
};
PerturbativePlan perturbative_plan(Scale scale);

/** Options of a training as `convscope train` takes them, but for the seed. */
Json perturbative_options(const PerturbativeRecipe& recipe, const PerturbativePlan& plan);

/** The model as the plan trains it, and what people call it. */
std::string perturbative_model(const PerturbativeRecipe& recipe, const PerturbativePlan& plan);
std::string perturbative_label(const PerturbativeRecipe& recipe, const PerturbativePlan& plan);

/** Whether the plan trains it; and which it is. */
bool is_done(const PerturbativeRecipe& recipe, const PerturbativePlan& plan);
bool is_budget(const PerturbativeRecipe& recipe);
/** One of the three curves. */
bool is_curve(const PerturbativeRecipe& recipe);
/** They take longest. */
bool has_many_masks(const PerturbativeRecipe& recipe);

}  // namespace convscope

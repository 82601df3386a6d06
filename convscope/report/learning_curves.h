#pragma once

#include <span>
#include <string_view>

#include "convscope/report/figure.h"
#include "convscope/results/epoch_metrics.h"

namespace convscope {

struct LearningCurvesOptions {
  enum class LossScale { automatic, linear, logarithmic };
  LossScale loss_scale = LossScale::automatic;  // logarithmic where the losses span more than two decades
  double width = 960;                           // CSS pixels
  double height = 380;
};

/**
 * Loss and accuracy against epochs, side by side: training and test, the last values and the best test accuracy told by number.
 * Epochs without numbers leave a gap; epochs that were not tested are passed over.
 */
Figure learning_curves(std::span<const EpochMetrics> metrics, std::string_view title, std::string_view subtitle,
                       const LearningCurvesOptions& options = {});

/** `learning-curves.svg`, `.png` and, with the numbers, `.csv` in the folder. */
void write_learning_curves(const Path& folder, std::span<const EpochMetrics> metrics, std::string_view title, std::string_view subtitle);

}  // namespace convscope

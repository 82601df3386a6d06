#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "convscope/report/draw/figure.h"
#include "convscope/report/draw/line_plot.h"
#include "convscope/results/epoch_metrics.h"

namespace convscope {

struct LearningCurvesOptions {
  using LossScale = convscope::LossScale;
  LossScale loss_scale = LossScale::automatic;
  std::string loss = {};  // which one it is: "cross-entropy,smoothing=0.1"; empty where that is not known
  double width = 960;     // CSS pixels
  double height = 380;
};

/**
 * Loss and accuracy against epochs, side by side: training and test, the last values and the best test accuracy told by number.
 * Epochs without numbers leave a gap; epochs that were not tested are passed over.
 */
Figure learning_curves(std::span<const EpochMetrics> metrics, std::string_view title, std::string_view subtitle,
                       const LearningCurvesOptions& options = {});

// Their panels; `tested_on` is what the samples are called that the network is not trained on, `loss` as in the options.
PlotPanel loss_curves(std::span<const EpochMetrics> metrics, std::string_view tested_on, std::string_view loss,
                      LossScale scale = LossScale::automatic);
PlotPanel accuracy_curves(std::span<const EpochMetrics> metrics, std::string_view tested_on);
/** Under attack, with how much aliases beside; none where no epoch was attacked. */
std::optional<PlotPanel> robustness_curves(std::span<const EpochMetrics> metrics, std::string_view tested_on);

/** `learning-curves.svg`, `.png` and, with the numbers, `.csv` in the folder. */
void write_learning_curves(const Path& folder, std::span<const EpochMetrics> metrics, std::string_view title, std::string_view subtitle,
                           const LearningCurvesOptions& options = {});

}  // namespace convscope

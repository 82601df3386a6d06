#include "convscope/train/ending.h"

#include "convscope/train/adversarial.h"

namespace convscope {

namespace {

/** Whether the accuracy of training pictures under attack has fallen in the last epoch by more than the training bears. */
bool collapsed(const TrainOptions& options, std::span<const EpochMetrics> metrics) {
  const auto search = inner_search(options);
  if (!search || search->most_lost == 0 || metrics.size() < 2) return false;
  return metrics[metrics.size() - 2].robust_train_accuracy - metrics.back().robust_train_accuracy > search->most_lost;
}

}  // namespace

bool bears_no_collapse(const TrainOptions& options) {
  const auto search = inner_search(options);
  return search && search->most_lost > 0 && options.robust_images > 0;
}

std::string ended_by(const TrainOptions& options, std::span<const EpochMetrics> metrics) {
  if (metrics.empty()) return "";
  const EpochMetrics& last = metrics.back();
  if (collapsed(options, metrics)) return kCollapse;
  if (last.epoch >= options.epochs) return "epochs";
  if (options.stop_at > 0 && last.choosing_accuracy() >= options.stop_at) return "stop_at";
  const EpochMetrics* best = best_epoch(metrics);
  if (options.patience > 0 && best && last.epoch - best->epoch >= options.patience) return "patience";
  return "";
}

}  // namespace convscope

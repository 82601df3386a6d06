#include "convscope/train/ending.h"

namespace convscope {

std::string ended_by(const TrainOptions& options, std::span<const EpochMetrics> metrics) {
  if (metrics.empty()) return "";
  const EpochMetrics& last = metrics.back();
  if (last.epoch >= options.epochs) return "epochs";
  if (options.stop_at > 0 && last.judged_accuracy() >= options.stop_at) return "stop_at";
  const EpochMetrics* best = best_epoch(metrics);
  if (options.patience > 0 && best && last.epoch - best->epoch >= options.patience) return "patience";
  return "";
}

}  // namespace convscope

#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/**
 * How a training went: `run.json` and `metrics.jsonl`, which may still grow. Final and best epoch are two numbers, and the best says on
 * which samples it was chosen. Several runs share their figures, and options that differ stand before those that do not.
 */
class TrainingSection : public Section {
 public:
  using Options = NoOptions;
  explicit TrainingSection(Options) {}

  std::string heading() const override { return "Training"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  std::string_view style() const override;
};

/** "resnet20 on cifar10": what a run folder says about its training; empty where it does not. */
std::string training_title(const Path& run);

}  // namespace convscope

#pragma once

#include "convscope/inspect/attribution/quality/map_metric.h"

namespace convscope {

/**
 * The pointing game (Zhang et al. 2016, 1608.00507): 1 where the pixel of most evidence lies in a box of the target, else 0. Without the
 * paper's tolerance of 15 pixels. For images whose boxes are known; a map that is the same everywhere points at nothing.
 */
class PointingGame : public MapMetric {
 public:
  using Options = NoOptions;
  explicit PointingGame(Options) {}
  bool applies(const CheckedQuestion& asked) const override { return !asked.options.boxes.empty(); }
  bool higher_is_better() const override { return true; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

}  // namespace convscope

#pragma once

#include "convscope/train/schedules/warm_up.h"

namespace convscope {

/** The rate is multiplied by `gamma` at each milestone: the first update with that number, counted from 0, already has the new rate.
 * Milestones count from the training's start, the warm-up included. */
class StepRate : public Schedule {
 public:
  struct Options {
    Json milestones = "80/120";  // a single one reads as a number
    double gamma = 0.1;
    std::string unit = "epoch";
    double warm_up = 0;
    void fields(auto&& field) {
      field("milestones", milestones, "where the rate changes, separated by /");
      field("gamma", gamma, "factor at each milestone");
      field("unit", unit, "what milestones count: epoch or step (updates)");
      field("warm_up", warm_up, kWarmUp);
    }
  };
  explicit StepRate(Options options);
  double factor(const Progress& p) const override;
  bool endless() const override { return true; }

 private:
  std::vector<int64_t> milestones_;
  double gamma_;
  double warm_up_;
  bool by_epoch_;
};

}  // namespace convscope

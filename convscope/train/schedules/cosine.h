#pragma once

#include "convscope/train/schedules/warm_up.h"

namespace convscope {

/**
 * floor + (1 − floor) (1 + cos(π t / T)) / 2 after t of T updates (or epochs), Loshchilov and Hutter 2017 without restarts. With a warm-up,
 * t and T count from its end, so that the curve still ends at the floor.
 */
class CosineRate : public Schedule {
 public:
  struct Options {
    double floor = 0;
    std::string each = "step";
    double warm_up = 0;
    void fields(auto&& field) {
      field("floor", floor, "share of the base rate that the curve ends at");
      field("each", each, "when the rate changes: each step (update) or, as in PyTorch's usual loops, each epoch");
      field("warm_up", warm_up, kWarmUp);
    }
  };
  explicit CosineRate(Options options);
  double factor(const Progress& p) const override;

 private:
  Options options_;
};

}  // namespace convscope

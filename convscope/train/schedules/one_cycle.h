#pragma once

#include "convscope/train/schedule.h"

namespace convscope {

/**
 * Up and far down again, by half cosines, Smith and Topin 2018; the base rate is the peak. Numbers as PyTorch's OneCycleLR gives them,
 * whose momentum stays as it is (cycle_momentum=False).
 *
 *   from 1 / div_factor to 1 over the first `pct_start` of the updates, then to 1 / (div_factor final_div_factor) in the last one
 */
class OneCycle : public Schedule {
 public:
  struct Options {
    double pct_start = 0.3;
    double div_factor = 25;
    double final_div_factor = 1e4;
    void fields(auto&& field) {
      field("pct_start", pct_start, "share of the training over which the rate rises");
      field("div_factor", div_factor, "the peak over the first rate");
      field("final_div_factor", final_div_factor, "the first rate over the last");
    }
  };
  explicit OneCycle(Options options);
  double factor(const Progress& p) const override;

 private:
  Options options_;
};

}  // namespace convscope

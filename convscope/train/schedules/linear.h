#pragma once

#include "convscope/train/schedules/warm_up.h"

namespace convscope {

/**
 * The rate falls in equal steps, from where the warm-up ends.
 *
 *   1 − (1 − floor) t      t = 0 at the first update behind the warm-up, 1 behind the last one
 */
class LinearRate : public Schedule {
 public:
  struct Options {
    double floor = 0;
    double warm_up = 0;
    void fields(auto&& field) {
      field("floor", floor, "share of the base rate that is left behind the last update");
      field("warm_up", warm_up, kWarmUp);
    }
  };
  explicit LinearRate(Options options);
  double factor(const Progress& p) const override;

 private:
  Options options_;
};

}  // namespace convscope

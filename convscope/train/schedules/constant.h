#pragma once

#include "convscope/train/schedules/warm_up.h"

namespace convscope {

/** The base rate throughout; over the first `warm_up` epochs it rises to it in equal steps, the first update's above 0. */
class ConstantRate : public Schedule {
 public:
  struct Options {
    double warm_up = 0;
    void fields(auto&& field) { field("warm_up", warm_up, kWarmUp); }
  };
  explicit ConstantRate(Options options);
  double factor(const Progress& p) const override;
  bool endless() const override { return true; }

 private:
  Options options_;
};

}  // namespace convscope

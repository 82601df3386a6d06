#pragma once

#include "convscope/train/schedules/warm_up.h"

namespace convscope {

/** 1 / (1 + decay t), t updates (or epochs) done before: the `decay` of Keras's optimisers, which counts updates from 0. */
class InverseTime : public Schedule {
 public:
  struct Options {
    double decay = 1e-4;
    std::string unit = "step";
    double warm_up = 0;
    void fields(auto&& field) {
      field("decay", decay, "how fast the rate falls: it is halved after 1 / decay");
      field("unit", unit, "what t counts: step (updates) or epoch");
      field("warm_up", warm_up, kWarmUp);
    }
  };
  explicit InverseTime(Options options);
  double factor(const Progress& p) const override;
  bool endless() const override { return true; }

 private:
  Options options_;
};

}  // namespace convscope

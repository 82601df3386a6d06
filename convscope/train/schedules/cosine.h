#pragma once

#include "convscope/train/schedule.h"

namespace convscope {

/** floor + (1 − floor) (1 + cos(π t / T)) / 2 after t of T updates (or epochs), Loshchilov and Hutter 2017 without restarts. */
class CosineRate : public Schedule {
 public:
  struct Options {
    double floor = 0;
    std::string each = "step";
    void fields(auto&& field) {
      field("floor", floor, "share of the base rate that the curve ends at");
      field("each", each, "when the rate changes: each step (update) or, as in PyTorch's usual loops, each epoch");
    }
  };
  explicit CosineRate(Options options);
  double factor(const Progress& p) const override;

 private:
  Options options_;
};

}  // namespace convscope

#pragma once

#include "convscope/graph/ops/objective.h"
#include "convscope/train/loss.h"

namespace convscope {

/** −log p of the true class, smoothed and read as published programs did where they are wanted: CrossEntropyOp. */
class CrossEntropyLoss : public Loss {
 public:
  using Options = CrossEntropyOptions;
  explicit CrossEntropyLoss(Options options);

  Choice objective() const override;
  bool sums() const override { return options_.reduction == "sum"; }

 private:
  Options options_;
};

}  // namespace convscope

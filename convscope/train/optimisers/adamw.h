#pragma once

#include "convscope/train/optimisers/adam.h"

namespace convscope {

/**
 * Adam with decoupled weight decay, Loshchilov and Hutter 2019, algorithm 2, as in PyTorch: the gradients' moments do not see the decay.
 *
 *   w ← w − rate weight_decay w         then Adam's step
 */
class AdamW : public Adam {
 public:
  struct Options {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 1e-2;
    void fields(auto&& field) {
      field("beta1", beta1, "memory of the gradients' mean");
      field("beta2", beta2, "memory of the gradients' mean square");
      field("eps", eps, "added to the root, after the correction of its bias");
      field("weight_decay", weight_decay, "share of the weights, times the rate, taken off in each step");
    }
  };
  explicit AdamW(Options o) : Adam("adamw", {.beta1 = o.beta1, .beta2 = o.beta2, .eps = o.eps}, o.weight_decay) {}
};

}  // namespace convscope

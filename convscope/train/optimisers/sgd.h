#pragma once

#include "convscope/train/optimiser.h"

namespace convscope {

/**
 * Stochastic gradient descent, as in PyTorch or, with scale_first, as in Keras. They differ where the rate changes.
 *
 *   g ← g + weight_decay w
 *   m ← momentum m + g                  m = 0 before the first step
 *   w ← w − rate m                      w − rate (g + momentum m) with nesterov, Sutskever et al. 2013
 *
 * With scale_first, the steps themselves are remembered:
 *
 *   m ← momentum m + rate g
 *   w ← w − m                           w − (rate g + momentum m) with nesterov
 */
class Sgd : public Optimiser {
 public:
  struct Options {
    double momentum = 0;
    bool nesterov = false;
    double weight_decay = 0;
    bool scale_first = false;
    void fields(auto&& field) {
      field("momentum", momentum, "share of the last step that goes into the next");
      field("nesterov", nesterov, "look ahead along the momentum");
      field("weight_decay", weight_decay, "L2 term added to the gradient, as a factor of the weights");
      field("scale_first", scale_first, "momentum remembers steps, gradients times the rate, as Keras's; false: gradients, as PyTorch's");
    }
  };
  explicit Sgd(Options options);
  int moments() const override { return options_.momentum > 0 ? 1 : 0; }
  void update(const Update& u) const override;

 private:
  Options options_;
};

}  // namespace convscope

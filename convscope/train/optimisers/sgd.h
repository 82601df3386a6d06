#pragma once

#include "convscope/train/optimiser.h"

namespace convscope {

/**
 * Stochastic gradient descent, as in PyTorch.
 *
 *   g ← g + weight_decay w
 *   m ← momentum m + g                  m = 0 before the first step
 *   w ← w − rate m                      w − rate (g + momentum m) with nesterov, Sutskever et al. 2013
 */
class Sgd : public Optimiser {
 public:
  struct Options {
    double momentum = 0;
    bool nesterov = false;
    double weight_decay = 0;
    void fields(auto&& field) {
      field("momentum", momentum, "share of the last step that goes into the next");
      field("nesterov", nesterov, "look ahead along the momentum");
      field("weight_decay", weight_decay, "L2 term added to the gradient, as a factor of the weights");
    }
  };
  explicit Sgd(Options options);
  int moments() const override { return options_.momentum > 0 ? 1 : 0; }
  void update(const Update& u) const override;

 private:
  Options options_;
};

}  // namespace convscope

#pragma once

#include "convscope/train/optimiser.h"

namespace convscope {

/**
 * RMSprop, Tieleman and Hinton 2012, as in PyTorch.
 *
 *   g ← g + weight_decay w
 *   v ← rho v + (1 − rho) g²            v = 0 before the first step
 *   m ← momentum m + g / (√v + eps)     g / √(v + eps) with eps_inside_root
 *   w ← w − rate m
 *
 * The from-scratch study's own is rho=0.95,eps=1e-7,eps_inside_root=true.
 */
class Rmsprop : public Optimiser {
 public:
  struct Options {
    double rho = 0.99;
    double eps = 1e-8;
    double momentum = 0;
    double weight_decay = 0;
    bool eps_inside_root = false;
    void fields(auto&& field) {
      field("rho", rho, "memory of the gradients' mean square: PyTorch's alpha");
      field("eps", eps, "added to the root");
      field("momentum", momentum, "share of the last step that goes into the next");
      field("weight_decay", weight_decay, "L2 term added to the gradient, as a factor of the weights");
      field("eps_inside_root", eps_inside_root, "add eps to the mean square, before the root is taken");
    }
  };
  explicit Rmsprop(Options options);
  int moments() const override { return options_.momentum > 0 ? 2 : 1; }
  void update(const Update& u) const override;

 private:
  Options options_;
};

}  // namespace convscope

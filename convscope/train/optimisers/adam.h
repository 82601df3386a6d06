#pragma once

#include "convscope/train/optimiser.h"

namespace convscope {

/**
 * Adam, Kingma and Ba 2015, algorithm 1, as in PyTorch; t counts steps from 1.
 *
 *   g ← g + weight_decay w
 *   m ← beta1 m + (1 − beta1) g         v ← beta2 v + (1 − beta2) g²
 *   w ← w − rate m̂ / (√v̂ + eps)         m̂ = m / (1 − beta1ᵗ), v̂ = v / (1 − beta2ᵗ)
 *
 * With eps_first as in Keras, the form before section 2.1: eps is added to √v, and so divided by √(1 − beta2ᵗ) too.
 */
class Adam : public Optimiser {
 public:
  struct Options {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 0;
    bool eps_first = false;
    void fields(auto&& field) {
      field("beta1", beta1, "memory of the gradients' mean");
      field("beta2", beta2, "memory of the gradients' mean square");
      field("eps", eps, "added to the root");
      field("weight_decay", weight_decay, "L2 term added to the gradient, as a factor of the weights");
      field("eps_first", eps_first, "eps is added before the correction of the root's bias, as Keras does; false: after it, as PyTorch");
    }
  };
  explicit Adam(Options options) : Adam("adam", options, 0) {}
  int moments() const override { return 2; }
  void update(const Update& u) const override;

 protected:
  /** `shrink`: the decoupled weight decay, which is not in `options`. */
  Adam(std::string_view name, Options options, double shrink);

 private:
  Options options_;
  double shrink_;
};

}  // namespace convscope

#pragma once

#include "convscope/attack/attack.h"

namespace convscope {

/**
 * Steps to the boundary that seems nearest, all linearised where it is: r ← r + |z_k − z_y| / |w|² w with w = ∇(z_k − z_y), of the class k
 * of the least |z_k − z_y| / |w|; Moosavi-Dezfooli et al. 2016, algorithm 2. The sum of the steps is overshot once, as by its authors, and
 * pixels stay in [0, 1], as they do not there.
 */
class DeepFool : public Attack {
 public:
  struct Options {
    int64_t steps = 50;
    int64_t candidates = 10;
    double overshoot = 0.02;

    void fields(auto&& field) {
      field("steps", steps, "steps at most");
      field("candidates", candidates, "likeliest classes of the image whose boundaries are looked at, its own among them");
      field("overshoot", overshoot, "share by which the sum of the steps is exceeded");
    }
  };
  explicit DeepFool(Options options);
  Norm norm() const override { return Norm::l2; }
  bool minimises() const override { return true; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  Options options_;
};

/**
 * Minimises |x′ − x|² + c · max(0, κ − margin) over w, x′ = (1 + tanh w) / 2, by Adam, and searches for the least c that reaches the goal;
 * Carlini and Wagner 2017, section V. Each image ends early by itself, where its loss has not fallen by a ten-thousandth in a tenth of the
 * steps (the authors' program lets a batch decide).
 */
class CarliniWagner : public Attack {
 public:
  struct Options {
    int64_t steps = 1000;
    int64_t searches = 9;
    double rate = 0.01;
    double c = 1e-3;
    double kappa = 0;

    void fields(auto&& field) {
      field("steps", steps, "steps at most for each c; its authors take 10,000");
      field("searches", searches, "values of c that are tried");
      field("rate", rate, "learning rate of Adam");
      field("c", c, "its first value");
      field("kappa", kappa, "by how much the class reached must be ahead, in logits");
    }
  };
  explicit CarliniWagner(Options options);
  Norm norm() const override { return Norm::l2; }
  bool minimises() const override { return true; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  Options options_;
};

}  // namespace convscope

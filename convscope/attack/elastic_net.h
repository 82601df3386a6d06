#pragma once

#include "convscope/attack/attack.h"

namespace convscope {

/**
 * Minimises c · max(0, κ − margin) + |x′ − x|² + β |x′ − x|₁ within the pixel range by shrinkage and thresholding with momentum (FISTA),
 * and searches for the least c that reaches the goal; Chen et al. 2018 (EAD), section 3. Of all pictures that reach it, that of the least
 * sum of changes is kept (its L1 rule).
 */
class ElasticNet : public Attack {
 public:
  struct Options {
    int64_t steps = 1000;
    int64_t searches = 9;
    double rate = 0.01;
    double beta = 1e-3;
    double c = 1e-3;
    double kappa = 0;

    void fields(auto&& field) {
      field("steps", steps, "steps at most for each c");
      field("searches", searches, "values of c that are tried");
      field("rate", rate, "length of the first step; it falls to 0 as the root of the share of steps that are left");
      field("beta", beta, "weight of the sum of the changes' sizes, and what is cut off each of them");
      field("c", c, "its first value");
      field("kappa", kappa, "by how much the class reached must be ahead, in logits");
    }
  };
  explicit ElasticNet(Options options);
  Norm norm() const override { return Norm::l1; }
  bool minimises() const override { return true; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  Options options_;
};

}  // namespace convscope

#pragma once

#include <string>

#include "convscope/attack/attack.h"

namespace convscope {

/**
 * Steps whose size halves by itself; Croce and Hein 2020, algorithm 1.
 *
 *   z = Π(x + η d)      x ← Π(x + a (z − x) + (1 − a) (x − x before))      a = 3/4, at first 1; d the slope's signs (linf) or its direction
 * (l2)
 *
 * η begins with 2 ε. At checkpoints it halves, and x goes back to the best place so far, where too few of the steps since the last one went
 * up or the best place is the old one and η was not halved there.
 */
class Apgd : public Attack {
 public:
  struct Options {
    std::string norm = "linf";
    std::string loss = "cross-entropy";
    int64_t steps = 100;
    int64_t restarts = 1;
    int64_t targets = 0;
    double rho = 0.75;

    void fields(auto&& field) {
      field("norm", norm, "linf or l2: what epsilon measures");
      field("loss", loss, "cross-entropy (climbed as log-odds, which have its direction) or dlr, the difference of logits ratio");
      field("steps", steps, "steps at most, each time");
      field("restarts", restarts, "times that it is tried, each from a random place on the ball");
      field("targets", targets,
            "each time once towards each of so many classes, the likeliest ones of the image but its own; 0: away from it");
      field("rho", rho, "share of steps that have to go up for the step size to stay");
    }
  };
  explicit Apgd(Options options);
  Norm norm() const override { return norm_; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  struct Climb;

  Options options_;
  Norm norm_;
  Objective::Of of_;
};

}  // namespace convscope

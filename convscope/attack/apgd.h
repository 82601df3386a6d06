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
 * up or the best place is the old one and η was not halved there. In l1 steps are sparse, and come from balls of 3 ε and 2 ε, within which
 * nothing counts as reached; Croce and Hein 2021 (apgd_climb.h). as_reference, where the published program departs from its paper: the
 * first step counts as one up where its loss is above 0 (the cross-entropy always is), and of several draws the last one's loss is taken.
 */
class Apgd : public Attack {
 public:
  struct Options {
    std::string norm = "linf";
    int64_t steps = 100;
    int64_t restarts = 1;
    double rho = 0.75;
    int64_t eot = 1;
    bool as_reference = false;

    void fields(auto&& field) {
      field("norm", norm, kNormHelp);
      field("steps", steps, "steps at most, each time");
      field("restarts", restarts, "times that it is tried, each from a random place on the ball");
      field("rho", rho, "share of steps that have to go up for the step size to stay (linf, l2)");
      field("eot", eot, kEotHelp);
      field("as_reference", as_reference, kAsReferenceHelp);
    }
  };
  Norm norm() const override { return norm_; }

 protected:
  /** Climbs `of`, towards each of so many classes; 0: away from the image's own. */
  Apgd(Options options, Objective::Of of, int64_t targets, std::string_view whose);
  Steps run(Walk& walk) const override;

 private:
  Options options_;
  Norm norm_;
  Objective::Of of_;
  int64_t targets_;
};

/** Of the cross-entropy, climbed as log-odds, which have its direction. */
class ApgdCe : public Apgd {
 public:
  explicit ApgdCe(Options options) : Apgd(std::move(options), Objective::Of::log_odds, 0, "apgd-ce") {}
};

/** Of the difference of logits ratio. */
class ApgdDlr : public Apgd {
 public:
  explicit ApgdDlr(Options options) : Apgd(std::move(options), Objective::Of::dlr, 0, "apgd-dlr") {}
};

/** Of the difference of logits ratio towards each of some classes. */
class ApgdT : public Apgd {
 public:
  struct Options : Apgd::Options {
    int64_t targets = 9;
    void fields(auto&& field) {
      Apgd::Options::fields(field);
      field("targets", targets, "towards each of so many classes, the likeliest ones of the image but its own");
    }
  };
  explicit ApgdT(const Options& options) : Apgd(options, Objective::Of::dlr, options.targets, "apgd-t") {
    require(options.targets >= 1, "apgd-t: {} targets; at least 1 was wanted", options.targets);
  }
};

}  // namespace convscope

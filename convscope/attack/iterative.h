#pragma once

#include <string>

#include "convscope/attack/attack.h"

namespace convscope {

/** Steps of ε / steps along the slope's signs; Kurakin et al. 2017, equation 2. */
class IteratedFgsm : public Attack {
 public:
  struct Options {
    int64_t steps = 10;
    double alpha = 0;

    void fields(auto&& field) {
      field("steps", steps, "steps at most");
      field("alpha", alpha, "how far each pixel goes in a step, such as 1/255; 0: epsilon / steps");
    }
  };
  explicit IteratedFgsm(Options options);

 protected:
  Steps run(Walk& walk) const override;

 private:
  Options options_;
};

/**
 * Projected gradient descent: steps uphill, each brought back into the ball; Madry et al. 2018, section 2.1.
 *
 *   linf  x ← Π(x + α sign(∇J))      l2  x ← Π(x + α ∇J / |∇J|)      l1  x ← Π(x + α sign(q) / |sign(q)|₁)      α = reach ε / steps
 *
 * q: the largest hundredth of ∇J, the rest 0; the step that climbs most would move one pixel alone.
 * Without random starts it is the one of the aliasing study: from the image, 100 steps, reach 2.5.
 */
class Pgd : public Attack {
 public:
  struct Options {
    std::string norm = "linf";
    int64_t steps = 100;
    double reach = 2.5;
    double alpha = 0;
    bool random_start = false;
    int64_t restarts = 1;
    int64_t eot = 1;

    void fields(auto&& field) {
      field("norm", norm, kNormHelp);
      field("steps", steps, "steps at most");
      field("reach", reach, "how many times epsilon all steps together are, where alpha is 0");
      field("alpha", alpha,
            "how far each pixel (linf) or the whole picture (l2, l1) goes in a step, such as 2/255; 0: reach times epsilon / steps");
      field("random_start", random_start, "begins at a random place in the ball instead of the image");
      field("restarts", restarts, "times that it is tried; from the second on each begins at a random place");
      field("eot", eot, kEotHelp);
    }
  };
  explicit Pgd(Options options);
  Norm norm() const override { return norm_; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  Options options_;
  Norm norm_;
};

/** g ← μ g + ∇J / |∇J|₁, x ← x + α sign(g): slopes are remembered; Dong et al. 2018, algorithm 1. */
class MomentumFgsm : public Attack {
 public:
  struct Options {
    int64_t steps = 10;
    double decay = 1;
    double alpha = 0;

    void fields(auto&& field) {
      field("steps", steps, "steps at most");
      field("decay", decay, "what is left of the slopes before at each step");
      field("alpha", alpha, "how far each pixel goes in a step, such as 1/255; 0: epsilon / steps");
    }
  };
  explicit MomentumFgsm(Options options);

 protected:
  Steps run(Walk& walk) const override;

 private:
  Options options_;
};

/**
 * x ← x + α ∇J / max |∇J| in the pixel range, until the softmax of the goal's class is high enough: the from-scratch study's way of making
 * any image anything. A ball bounds it only where one is asked for.
 */
class Descent : public Attack {
 public:
  struct Options {
    double alpha = 1.0 / 255;
    int64_t iterations = 1000;
    double confidence = 0.95;

    void fields(auto&& field) {
      field("alpha", alpha, "the largest change of a pixel in a step, such as 1/255");
      field("iterations", iterations, "steps at most");
      field("confidence", confidence, "softmax of the class reached, at which it ends");
    }
  };
  explicit Descent(Options options);
  bool wants_epsilon() const override { return false; }
  bool ends_when_reached() const override { return true; }
  double usual_confidence() const override { return options_.confidence; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  Options options_;
};

}  // namespace convscope

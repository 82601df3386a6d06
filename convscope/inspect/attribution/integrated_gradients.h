#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * Integrated gradients, Sundararajan et al. 2017, eq. 3, by the midpoint rule:
 *
 *   IG = (x − x₀) ⊙ 1/m Σ_k ∂f/∂x (x₀ + (k − ½)/m (x − x₀)),  k = 1 … m        Σ IG → f(x) − f(x₀)
 *
 * With a tolerance, m doubles until the gap of that sum is at most this share of |f(x) − f(x₀)|. No point is lost: the ends of the m
 * intervals make their trapezoid rule, whose mean with the midpoint rule is the trapezoid rule of 2m intervals, and so on.
 * Points of all images fill the subject's batches together; memory does not grow with the steps.
 */
class IntegratedGradients : public Attribution {
 public:
  struct Options {
    int64_t steps = 50;
    std::string baseline = "black";
    double tolerance = 0;
    int64_t most_steps = 6400;
    void fields(auto&& field) {
      field("steps", steps, "points on the path, m");
      field("baseline", baseline,
            "where the path begins: black (the path of brightness), white, grey, mean (each channel's mean of the image: the path of "
            "contrast), noise, or a .npy file [C, H, W] or [N, C, H, W]");
      field("tolerance", tolerance, "largest gap as a share of f(x) − f(baseline), e.g. 0.01; 0: as many steps as said");
      field("most_steps", most_steps, "with a tolerance: no image gets more steps than this");
    }
  };
  explicit IntegratedGradients(Options options);
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::added; }
  std::string legend() const override;
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

  /** The path's beginning for each image. */
  Tensor baselines(const Tensor& x, const Question& question) const;

 private:
  Options options_;
};

}  // namespace convscope

#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * Guided integrated gradients, Kapishnikov et al. 2021 (2106.09788), algorithm 1: the path from the baseline to the image moves first the
 * pixels whose slope is small, so that it does not pass where slopes of others are large and noisy. At step i of S the L1 distance that is
 * left is (1 − i / S) of the whole; no pixel is farther than `band` from the straight line.
 *
 *   map = Σ over steps (x_new − x_old) ⊙ ½ (∂f/∂x (x_old) + ∂f/∂x (x_new))        Σ map → f(x) − f(x₀)
 *
 * The authors' program takes the slope at x_old alone; a step moves few pixels far, and of networks for small pictures such sums miss the
 * difference by a multiple of itself.
 */
class GuidedIntegratedGradients : public Attribution {
 public:
  struct Options {
    int64_t steps = 200;
    double fraction = 0.25;
    double band = 0.02;
    std::string baseline = "black";
    void fields(auto&& field) {
      field("steps", steps, "steps of the path, a slope each");
      field("fraction", fraction, "of the pixels that may move, those with the smallest slopes, as many");
      field("band", band, "how far a pixel may be ahead of or behind the straight path, as a share of it");
      field("baseline", baseline, "where the path begins, as integrated-gradients takes it");
    }
  };
  explicit GuidedIntegratedGradients(Options options);
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::added; }
  std::string legend() const override;
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

}  // namespace convscope

#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * Integrated gradients along scales, Xu et al. 2020 (2004.03383): the path goes from the image blurred by a Gaussian of σ to the sharp
 * image, so that no colour is a baseline and every point of it is a picture of the same scene.
 *
 *   map = Σ_k (x(σ_{k−1}) − x(σ_k)) ⊙ ∂f/∂x (x(σ_{k−½})),   σ_k = σ (k / m)²,  k = 1 … m       Σ map → f(x) − f(x blurred)
 *
 * Small σ, where most of the picture appears, get most of the points.
 */
class BlurIntegratedGradients : public Attribution {
 public:
  struct Options {
    int64_t steps = 50;
    double sigma = 0;
    void fields(auto&& field) {
      field("steps", steps, "points on the path, m");
      field("sigma", sigma, "where it begins: the Gaussian's standard deviation in pixels; 0: a fifth of the shorter side");
    }
  };
  explicit BlurIntegratedGradients(Options options);
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::added; }
  std::string legend() const override { return "red: it grows as the pixel gets sharp; blue: it falls"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

/** An image [C, H, W] blurred by a Gaussian; where it reaches beyond the border, what it finds there counts for the rest. */
std::vector<float> blurred(std::span<const float> image, int64_t channels, int64_t rows, int64_t columns, double sigma);

}  // namespace convscope

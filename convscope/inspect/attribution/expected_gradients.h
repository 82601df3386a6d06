#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * Expected gradients (GradientSHAP), Erion et al. 2019 (1906.10670), eq. 5: integrated gradients' mean over baselines, by drawing baseline
 * b and place t on the path anew for each sample,
 *
 *   map = E_{b, t ~ U(0, 1)} (x − b) ⊙ ∂f/∂x (b + t (x − b))        Σ map → f(x) − E f(b)
 *
 * Places are drawn one from each of `samples` equal pieces of the path, and baselines in turn, so that fewer samples do. Each image draws
 * by its number.
 */
class ExpectedGradients : public Attribution {
 public:
  struct Options {
    int64_t samples = 100;
    std::string baselines = "noise";
    void fields(auto&& field) {
      field("samples", samples, "slopes of each image");
      field("baselines", baselines,
            "what the image is compared with: noise (pictures of random pixels), levels (black to white in eight steps) or a .npy file of "
            "pictures [M, C, H, W], such as others of the data");
    }
  };
  explicit ExpectedGradients(Options options);
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::added; }
  std::string legend() const override {
    return "red: it grows on the pixel's way from many baselines to the image, in the mean; blue: it falls";
  }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

}  // namespace convscope

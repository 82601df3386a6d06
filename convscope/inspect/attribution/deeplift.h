#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * DeepLIFT with the rescale rule, Shrikumar et al. 2017: m ⊙ (x − x₀), the multipliers m by graph/rules/lift.h. One pass, and the map adds
 * up to f(x) − f(x₀) but for rounding, whatever the network is made of; the gap says so.
 */
class DeepLift : public Attribution {
 public:
  struct Options {
    std::string baseline = "black";
    void fields(auto&& field) {
      field("baseline", baseline,
            "what the image is compared with: black, white, grey, mean (each channel's mean of the image), noise, or a .npy file "
            "[C, H, W] or [N, C, H, W]");
    }
  };
  explicit DeepLift(Options options) : options_(std::move(options)) {}
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::added; }
  std::string legend() const override;
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

}  // namespace convscope

#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * Regions instead of pixels, Kapishnikov et al. 2019: integrated gradients from black and from white, their mean, at each pixel the largest
 * of its channels; then the picture is covered by pieces of several cuts, always next the one whose pixels that are still bare have the
 * largest mean, which these pixels get.
 *
 * Cuts are SLIC's at five sizes, where the paper has Felzenszwalb's; pieces reach 5 / 224 of the longer side over their rim, and one that
 * would cover less than 50 / 224² of the picture is left out.
 */
class Xrai : public Attribution {
 public:
  struct Options {
    int64_t steps = 50;
    int64_t finest = 200;
    void fields(auto&& field) {
      field("steps", steps, "of each integral");
      field("finest", finest, "pieces of the finest cut; the others have a half, a quarter, an eighth and a sixteenth of them");
    }
  };
  explicit Xrai(Options options);
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override { return "red: the region's pixels speak for it; blue: against it"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

/** Covers a plane as XRAI does: `values` of its pixels, `pieces` of pixels that may overlap → each pixel's piece's mean. */
std::vector<float> cover(std::span<const float> values, const std::vector<std::vector<int64_t>>& pieces, int64_t least);

}  // namespace convscope

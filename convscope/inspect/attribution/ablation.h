#pragma once

#include "convscope/inspect/attribution/superpixels.h"

namespace convscope {

/** f(x) − f(x without the superpixel), each of them alone. */
class FeatureAblation : public Attribution {
 public:
  using Options = SuperpixelOptions;
  explicit FeatureAblation(Options options);
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override { return "red: it falls where the superpixel is hidden; blue: it grows"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

/**
 * Shapley values by sampling, Štrumbelj and Kononenko 2010: what a superpixel adds to those before it, the mean over random orders. Each
 * order adds up to f(x) − f(all hidden), so the map does, whatever their number.
 */
class ShapleySampling : public Attribution {
 public:
  struct Options {
    int64_t permutations = 25;
    SuperpixelOptions superpixels = {};
    void fields(auto&& field) {
      field("permutations", permutations, "random orders of the superpixels");
      superpixels.fields(field);
    }
  };
  explicit ShapleySampling(Options options);
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override { return "red: the superpixel adds to it, beside others drawn at random; blue: it takes from it"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

}  // namespace convscope

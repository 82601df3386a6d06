#pragma once

#include "convscope/inspect/attribution/superpixels.h"

namespace convscope {

/**
 * Shapley values as the weighted least squares that they solve, Lundberg and Lee 2017: f(S) ≈ f(∅) + Σ_{i ∈ S} φᵢ over coalitions S of k of
 * the M superpixels, with weight (M − 1) / (C(M, k) k (M − k)), so that Σ φ = f(all) − f(∅). Coalitions are drawn by these weights, each
 * with its complement; where there are no more of them than samples, all are asked and φ is exact.
 */
class KernelShap : public Attribution {
 public:
  struct Options {
    int64_t samples = -1;
    SuperpixelOptions superpixels = {};
    void fields(auto&& field) {
      field("samples", samples, "coalitions that are asked about; -1: 2 M + 2048 of M superpixels");
      superpixels.fields(field);
    }
  };
  explicit KernelShap(Options options);
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override { return "red: the superpixel adds to it, beside others drawn at random; blue: it takes from it"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

/**
 * A linear model of which superpixels are seen, Ribeiro et al. 2016: each is seen or not by the toss of a coin, the first sample sees all.
 * A sample that sees the share s of them weighs √exp(−(1 − √s)² / width²), as its cosine distance to all ones is 1 − √s; ridge regression
 * with an intercept.
 */
class Lime : public Attribution {
 public:
  struct Options {
    int64_t samples = 1000;
    double width = 0.25;
    double ridge = 1;
    SuperpixelOptions superpixels = {.fill = "own"};
    void fields(auto&& field) {
      field("samples", samples, "pictures that are asked about");
      field("width", width, "of the kernel by which samples near the picture weigh more");
      field("ridge", ridge, "how small the model's numbers are held");
      superpixels.fields(field);
    }
  };
  explicit Lime(Options options);
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override { return "red: it grows with the superpixel in a linear model; blue: it falls"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

}  // namespace convscope

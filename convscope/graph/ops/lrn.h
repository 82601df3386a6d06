#pragma once

#include "convscope/graph/op.h"

namespace convscope {

struct LrnOptions {
  int64_t size = 5;
  double alpha = 1e-4;
  double beta = 0.75;
  double bias = 1;
  void fields(auto&& field) {
    field("size", size, "neighbouring channels that are summed, the channel itself among them");
    field("alpha", alpha, "weight of their mean square; 0 or more");
    field("beta", beta, "exponent of the divisor; 0 or more");
    field("bias", bias, "added to the mean square; above 0");
  }
};
/**
 * Local response normalisation, Krizhevsky et al. 2012, section 3.3, as ONNX scales it.
 *
 *   x  [N, C, H, W]
 *   y  [N, C, H, W] = x / dᵝ    d = bias + alpha / size · Σ x² over the channels c − ⌊(size − 1) / 2⌋ … c + ⌈(size − 1) / 2⌉ there are
 */
class LrnOp : public OpOf<LrnOp, LrnOptions> {
 public:
  static constexpr std::string_view kKind = "lrn";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "LRN"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};
/** (x, dy) → dx = dy d⁻ᵝ − 2 alpha beta / size · x Σ dy x d⁻ᵝ⁻¹, the sum over the channels whose windows hold this one. */
class LrnBackwardOp : public OpOf<LrnBackwardOp, LrnOptions> {
 public:
  static constexpr std::string_view kKind = "lrn-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

/**
 * (x, x', dy) → m with Σ m (x − x') = Σ dy (y − y'): the product x · d⁻ᵝ halved, Δy = ½ (q + q') Δx + ½ (x + x') Δq with q = d⁻ᵝ, and Δq by
 * the secant of q over d, whose Δ is alpha / size · Σ (x + x') Δx.
 */
class LrnLiftOp : public OpOf<LrnLiftOp, LrnOptions> {
 public:
  static constexpr std::string_view kKind = "lrn-lift";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

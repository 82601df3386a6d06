#pragma once

#include "convscope/graph/op.h"

namespace convscope {

struct StandardizeOptions {
  std::string over = "groups";
  int64_t groups = 1;
  double eps = 1e-5;
  void fields(auto&& field) {
    field("over", over, "groups: each group of channels with its planes; channels: the channels at each point");
    field("groups", groups, "of channels that stand one behind the other, where it is over groups");
    field("eps", eps, "added to the variance; above 0");
  }
};
/**
 * (x − mean) / √(variance + eps), each image by itself, the biased variance.
 *
 *   groups=1         layer normalisation of whole images; Ba et al. 2016
 *   groups=C         instance normalisation
 *   groups between   group normalisation; Wu and He 2018
 *   over=channels    the layer normalisation of ConvNeXt, at each point; x may be [N, C]
 */
class StandardizeOp : public OpOf<StandardizeOp, StandardizeOptions> {
 public:
  static constexpr std::string_view kKind = "standardize";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};
/** (x, dy) → dx = (dy − mean dy − y · mean(dy y)) / √(variance + eps), the means over what x's were. */
class StandardizeBackwardOp : public OpOf<StandardizeBackwardOp, StandardizeOptions> {
 public:
  static constexpr std::string_view kKind = "standardize-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

/** (x, dy) → (dy − mean dy) / √(variance + eps): what would come down were the variance a constant. */
class StandardizeHeldBackwardOp : public OpOf<StandardizeHeldBackwardOp, StandardizeOptions> {
 public:
  static constexpr std::string_view kKind = "standardize-held-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};
/**
 * (x, x', dy) → m with Σ m (x − x') = Σ dy (y − y'). With c = x − mean, v = mean c² and r = 1 / √(v + eps), y is the product c r, halved:
 * Δy = ½ (r + r') Δc + ½ (c + c') Δr,  Δr = −(r r')² / (r + r') Δv,  Δv = mean((c + c') Δc).
 */
class StandardizeLiftOp : public OpOf<StandardizeLiftOp, StandardizeOptions> {
 public:
  static constexpr std::string_view kKind = "standardize-lift";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

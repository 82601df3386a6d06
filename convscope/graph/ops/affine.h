#pragma once

#include "convscope/graph/ops/activation.h"

namespace convscope {

struct AffineOptions {
  bool residual = false;
  std::optional<Activation> activation = {};  // done in passing
  void fields(auto&& field) {
    field("residual", residual, "a fourth input of x's shape is added");
    activation_field(field, activation);
  }
};
/** (x [N, C, H, W], scale, shift: both [C] or [C, H, W]) → x · scale + shift (+ residual): batch norm at inference. */
class AffineOp : public OpOf<AffineOp, AffineOptions> {
 public:
  static constexpr std::string_view kKind = "affine";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  /** For x and the residual; scale and shift are constants of the inference form and have none. */
  void gradient(GradientSite& site) const override;
};

/** (dy, scale) → dy · scale: the gradient of `affine` for x. */
class ScaleOp : public OpOf<ScaleOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "scale";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct NormalizeOptions {
  std::vector<double> mean;
  std::vector<double> std;
  void fields(auto&& field) {
    field("mean", mean, "one number a channel, for pixels in [0, 1]");
    field("std", std, "one number a channel");
  }
};
/** x [N, C, H, W] → (x − mean) / std channel by channel: the first node of a network that wants it. */
class NormalizeOp : public OpOf<NormalizeOp, NormalizeOptions> {
 public:
  static constexpr std::string_view kKind = "normalize";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  /** dx = dy / std: a `normalize` with mean 0. */
  void gradient(GradientSite& site) const override;
};

}  // namespace convscope

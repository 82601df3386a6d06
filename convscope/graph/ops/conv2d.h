#pragma once

#include "convscope/graph/ops/activation.h"

namespace convscope {

struct Conv2dOptions {
  int64_t stride = 1;
  int64_t pad = 0;
  int64_t dilation = 1;
  int64_t groups = 1;
  bool bias = false;
  bool residual = false;
  std::optional<Activation> activation = {};  // done in passing
  void fields(auto&& field) {
    field("stride", stride, "step of the window");
    field("pad", pad, "zeros added on each side");
    field("dilation", dilation, "distance of the window's samples");
    field("groups", groups, "channel groups that do not mix");
    field("bias", bias, "a third input [K] is added");
    field("residual", residual, "a last input of y's shape is added");
    activation_field(field, activation);
  }
};

/**
 * 2-D convolution (cross-correlation), zero-padded.
 *
 *   x         [N, C, H, W]
 *   weight    [K, C / groups, R, S]
 *   bias      [K]                       with `bias`
 *   residual  [N, K, H', W']            with `residual`
 *   y         [N, K, H', W']            H' = (H + 2 pad − dilation (R − 1) − 1) / stride + 1, W' alike
 */
class Conv2dOp : public OpOf<Conv2dOp, Conv2dOptions> {
 public:
  static constexpr std::string_view kKind = "conv2d";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Conv"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
  int64_t macs(std::span<const Shape> in, std::span<const Shape> out) const override;
};

struct Conv2dBackwardDataOptions {
  int64_t stride = 1, pad = 0, dilation = 1, groups = 1;
  int64_t rows = 1, columns = 1;
  void fields(auto&& field) {
    field("stride", stride, "of the convolution");
    field("pad", pad, "of the convolution");
    field("dilation", dilation, "of the convolution");
    field("groups", groups, "of the convolution");
    field("rows", rows, "H of x");
    field("columns", columns, "W of x");
  }
};
/** (dy [N, K, H', W'], weight) → dx [N, C, H, W]. */
class Conv2dBackwardDataOp : public OpOf<Conv2dBackwardDataOp, Conv2dBackwardDataOptions> {
 public:
  static constexpr std::string_view kKind = "conv2d-backward-data";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  int64_t macs(std::span<const Shape> in, std::span<const Shape> out) const override;
};

struct Conv2dBackwardWeightsOptions {
  int64_t stride = 1, pad = 0, dilation = 1, groups = 1;
  int64_t kernel_rows = 1, kernel_columns = 1;
  bool bias = false;
  void fields(auto&& field) {
    field("stride", stride, "of the convolution");
    field("pad", pad, "of the convolution");
    field("dilation", dilation, "of the convolution");
    field("groups", groups, "of the convolution");
    field("kernel_rows", kernel_rows, "R of the weight");
    field("kernel_columns", kernel_columns, "S of the weight");
    field("bias", bias, "the bias' gradient is wanted too");
  }
};
/** (x, dy) → dweight [K, C / groups, R, S] and, with `bias`, dbias [K]. */
class Conv2dBackwardWeightsOp : public OpOf<Conv2dBackwardWeightsOp, Conv2dBackwardWeightsOptions> {
 public:
  static constexpr std::string_view kKind = "conv2d-backward-weights";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  int64_t macs(std::span<const Shape> in, std::span<const Shape> out) const override;
};

/** (weight [K, …], scale [K]) → weight with filter k times scale[k]; also for the [K, F] weights of linear layers. */
class ScaleFiltersOp : public OpOf<ScaleFiltersOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "scale-filters";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

/** (bias [K], scale [K], shift [K]) → bias · scale + shift. */
class ScaleBiasOp : public OpOf<ScaleBiasOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "scale-bias";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

#pragma once

#include "convscope/graph/ops/activation.h"

namespace convscope {

struct LinearOptions {
  bool bias = true;
  std::optional<Activation> activation = {};  // done in passing
  void fields(auto&& field) {
    field("bias", bias, "a third input [K] is added");
    activation_field(field, activation);
  }
};
/** (x [N, F], weight [K, F], bias [K]) → x weightᵀ + bias, [N, K]. An x of rank 4 is taken as flattened: [N, C, H, W] with F = C H W. */
class LinearOp : public OpOf<LinearOp, LinearOptions> {
 public:
  static constexpr std::string_view kKind = "linear";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Gemm"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
  int64_t macs(std::span<const Shape> in, std::span<const Shape> out) const override;
};

struct LinearBackwardDataOptions {
  std::vector<int64_t> features;
  void fields(auto&& field) { field("features", features, "extents of x behind the batch"); }
};
/** (dy [N, K], weight [K, F]) → dx [N, features…]. */
class LinearBackwardDataOp : public OpOf<LinearBackwardDataOp, LinearBackwardDataOptions> {
 public:
  static constexpr std::string_view kKind = "linear-backward-data";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  int64_t macs(std::span<const Shape> in, std::span<const Shape> out) const override;
};

struct LinearBackwardWeightsOptions {
  bool bias = true;
  void fields(auto&& field) { field("bias", bias, "the bias' gradient is wanted too"); }
};
/** (x, dy) → dweight [K, F] and, with `bias`, dbias [K]. */
class LinearBackwardWeightsOp : public OpOf<LinearBackwardWeightsOp, LinearBackwardWeightsOptions> {
 public:
  static constexpr std::string_view kKind = "linear-backward-weights";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  int64_t macs(std::span<const Shape> in, std::span<const Shape> out) const override;
};

}  // namespace convscope

#pragma once

#include "convscope/graph/op.h"

namespace convscope {

/** (a, b) → a · b, number by number: b is of a's shape, or [N, C, 1, 1] beside an a of [N, C, H, W]: a gate for each channel. */
class MultiplyOp : public OpOf<MultiplyOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "multiply";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Mul"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  /** da = dy · b; db = dy · a, summed over the plane where b has one number for it. */
  void gradient(GradientSite& site) const override;
};

/** x [N, C, H, W] → [N, C, 1, 1], the sum of each plane. */
class PlaneSumOp : public OpOf<PlaneSumOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "plane-sum";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

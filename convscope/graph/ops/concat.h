#pragma once

#include "convscope/graph/op.h"

namespace convscope {

struct ConcatOptions {
  int64_t inputs = 2;
  void fields(auto&& field) { field("inputs", inputs, "tensors that come in"); }
};
/** Channels one behind the other: [N, C1, H, W], [N, C2, H, W], … → [N, C1 + C2 + …, H, W]; also [N, C1], [N, C2], …. */
class ConcatOp : public OpOf<ConcatOp, ConcatOptions> {
 public:
  static constexpr std::string_view kKind = "concat";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Concat"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  /** A `take-channels` for each input. */
  void gradient(GradientSite& site) const override;
};

}  // namespace convscope

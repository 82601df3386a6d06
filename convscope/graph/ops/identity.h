#pragma once

#include "convscope/graph/op.h"

namespace convscope {

/** y = x. It keeps a name: what somebody looks at under it is still there when the node that bore it is gone. */
class IdentityOp : public OpOf<IdentityOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "identity";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Identity"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

}  // namespace convscope

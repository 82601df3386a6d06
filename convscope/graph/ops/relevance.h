#pragma once

#include "convscope/graph/op.h"

namespace convscope {

/** Parts of layer-wise relevance propagation, Bach et al. 2015: relevance R of a number z is shared out among what z is the sum of. */

struct StabiliserOptions {
  double epsilon = 1e-6;
  void fields(auto&& field) { field("epsilon", epsilon, "added to z away from 0"); }
};
/** (R, z) → R / (z + epsilon sign z), sign 0 = 1. */
class QuotientOp : public OpOf<QuotientOp, StabiliserOptions> {
 public:
  static constexpr std::string_view kKind = "quotient";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct AbsorbedOptions : StabiliserOptions {
  bool bias = false;
  double factor = 1;
  void fields(auto&& field) {
    StabiliserOptions::fields(field);
    field("bias", bias, "a third input is what of z is bias: [K] by channel, or of z's shape");
    field("factor", factor, "of the result");
  }
};
/** (s, z, bias) → [N, 1]: Σ s (bias + epsilon sign z) of each image, s being the quotient: the relevance that reaches no input. */
class AbsorbedOp : public OpOf<AbsorbedOp, AbsorbedOptions> {
 public:
  static constexpr std::string_view kKind = "absorbed";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

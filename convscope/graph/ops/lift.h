#pragma once

#include "convscope/graph/op.h"

namespace convscope {

/**
 * Multipliers of DeepLIFT, Shrikumar et al. 2017: what comes down instead of a slope, so that Σ m Δx = Σ dy Δy with differences Δ from a
 * reference x', whatever the function. Those of max-pool, standardize and lrn stand beside these ops.
 */

/**
 * (x, x', y, y', tangent, dy) → m = dy (y − y') / (x − x'), number by number: the rescale rule, section 3.3. Where |x − x'| is at most 1e-4
 * of the larger of them, m is the tangent: dy f'(x), which differs by 1e-8 of y while the quotient would be of rounding errors.
 */
class SecantOp : public OpOf<SecantOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "secant";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

/**
 * (x, x', dy), all [N, Y] → m of softmax: its slope's mean on the straight line from x' to x, by Gauss and Legendre. That mean does not
 * change when the same number is added to all of x, as softmax does not; a product rule on exponentials would.
 */
class SoftmaxLiftOp : public OpOf<SoftmaxLiftOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "softmax-lift";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

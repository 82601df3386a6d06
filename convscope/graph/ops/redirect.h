#pragma once

#include "convscope/graph/op.h"

namespace convscope {

struct RedirectOptions {
  double low = 0;
  double high = 0;
  bool bounded = false;
  void fields(auto&& field) {
    field("low", low, "y at most this lets nothing through");
    field("high", high, "with `bounded`, likewise at least this");
    field("bounded", bounded, "whether there is an upper limit");
  }
};
/**
 * (y, dy, dx) → dx' and [N, 1]. Of a rectifier with output y, dy came down and dx goes on. An image whose whole dx is 0 is stuck: no step
 * could tell which way its number lies. It then gets what would open the rectifier, and a 1 in the second output:
 *
 *   dx' = dy   where y ≤ low and dy > 0, or y ≥ high and dy < 0
 *         0    elsewhere
 *
 * All others keep dx. Olah et al. 2017; Lucid's redirected_relu_grad, where gradients are of what is made large.
 */
class RedirectOp : public OpOf<RedirectOp, RedirectOptions> {
 public:
  static constexpr std::string_view kKind = "redirect";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

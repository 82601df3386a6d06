#pragma once

#include "convscope/graph/ops/elementwise.h"

namespace convscope {

/**
 * Stochastic depth, Huang et al. 2016: all of an image's numbers are 0 with probability `rate`, or all divided by 1 − rate. Its random
 * number is the first of those that `dropout` would draw for the image. It is its own gradient; `for_inference` takes it out.
 */
class DropImagesOp : public OpOf<DropImagesOp, DropoutOptions> {
 public:
  static constexpr std::string_view kKind = "drop-images";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

}  // namespace convscope

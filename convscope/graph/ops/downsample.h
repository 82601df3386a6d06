#pragma once

#include "convscope/graph/op.h"
#include "convscope/tensor/line_filter.h"

namespace convscope {

/**
 * Every rate-th row and column of planes that went through a filter (tensor/line_filter.h), without aliasing as far as the filter goes.
 *
 *   x  [N, C, H, W]
 *   y  [N, C, H', W'] = D x Dᵀ    H' = ⌈H / rate⌉, W' alike; with `dense` H' = H
 */
class DownsampleOp : public OpOf<DownsampleOp, LineFilterOptions> {
 public:
  static constexpr std::string_view kKind = "downsample";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
  int64_t macs(std::span<const Shape> in, std::span<const Shape> out) const override;
};

struct DownsampleBackwardOptions : LineFilterOptions {
  int64_t rows = 1, columns = 1;
  void fields(auto&& field) {
    LineFilterOptions::fields(field);
    field("rows", rows, "H of x");
    field("columns", columns, "W of x");
  }
};
/** dy → dx = Dᵀ dy D. */
class DownsampleBackwardOp : public OpOf<DownsampleBackwardOp, DownsampleBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "downsample-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

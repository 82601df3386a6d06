#pragma once

#include "convscope/graph/op.h"

namespace convscope {

struct ResampleOptions {
  int64_t taps = 1;
  std::vector<int64_t> rows = {}, columns = {};
  std::vector<double> row_weights = {}, column_weights = {};
  void fields(auto&& field) {
    field("taps", taps, "rows, and columns, that go into each one of y");
    field("rows", rows, "for each row of y, taps rows of x");
    field("row_weights", row_weights, "a weight for each of these; empty: 1");
    field("columns", columns, "for each column of y, taps columns of x");
    field("column_weights", column_weights, "a weight for each of these; empty: 1");
  }
};
/**
 * Each number a weighted sum of numbers on some rows and columns: pictures made larger or smaller, planes padded by reflection, steps that
 * differ between rows and columns.
 *
 *   x  [N, C, H, W]
 *   y  [N, C, H', W']   y[i, j] = Σ_ab row_weights[i taps + a] column_weights[j taps + b] x[rows[i taps + a], columns[j taps + b]]
 */
class ResampleOp : public OpOf<ResampleOp, ResampleOptions> {
 public:
  static constexpr std::string_view kKind = "resample";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
  int64_t macs(std::span<const Shape> in, std::span<const Shape> out) const override;
};

struct ResampleBackwardOptions : ResampleOptions {
  int64_t height = 1, width = 1;
  void fields(auto&& field) {
    ResampleOptions::fields(field);
    field("height", height, "H of x");
    field("width", width, "W of x");
  }
};
/** dy → dx. */
class ResampleBackwardOp : public OpOf<ResampleBackwardOp, ResampleBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "resample-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

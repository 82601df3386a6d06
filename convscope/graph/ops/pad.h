#pragma once

#include "convscope/graph/op.h"

namespace convscope {

struct PadOptions {
  int64_t top = 0, bottom = 0, left = 0, right = 0;
  double value = 0;
  void fields(auto&& field) {
    field("top", top, "rows in front");
    field("bottom", bottom, "rows behind");
    field("left", left, "columns in front");
    field("right", right, "columns behind");
    field("value", value, "number in them");
  }
};
/** x [N, C, H, W] → [N, C, top + H + bottom, left + W + right]. */
class PadOp : public OpOf<PadOp, PadOptions> {
 public:
  static constexpr std::string_view kKind = "pad";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Pad"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  /** A `crop`. */
  void gradient(GradientSite& site) const override;
};

struct CropOptions {
  int64_t top = 0, left = 0;
  int64_t rows = 1, columns = 1;
  void fields(auto&& field) {
    field("top", top, "first row that stays");
    field("left", left, "first column that stays");
    field("rows", rows, "rows that stay");
    field("columns", columns, "columns that stay");
  }
};
/** x [N, C, H, W] → the window x[:, :, top : top + rows, left : left + columns]. */
class CropOp : public OpOf<CropOp, CropOptions> {
 public:
  static constexpr std::string_view kKind = "crop";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Slice"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  /** A `pad`. */
  void gradient(GradientSite& site) const override;
};

}  // namespace convscope

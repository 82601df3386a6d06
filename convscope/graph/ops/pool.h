#pragma once

#include "convscope/graph/op.h"

namespace convscope {

struct MaxPoolOptions {
  int64_t kernel = 2, stride = 2, pad = 0;
  bool ceil = false;
  int64_t kernel_columns = 0;
  void fields(auto&& field) {
    field("kernel", kernel, "rows and columns of the window");
    field("stride", stride, "step of the window");
    field("pad", pad, "on each side; padding never wins");
    field("ceil", ceil, "a last window that hangs over the edge counts");
    field("kernel_columns", kernel_columns, "columns of a window that is no square; 0: as many as rows");
  }
};
/**
 * x [N, C, H, W] → y [N, C, H', W'], H' = floor or ceil of (H + 2 pad − kernel) / stride, + 1; with `ceil` a window that would begin
 * beyond the picture and its left padding is dropped (as in PyTorch).
 */
class MaxPoolOp : public OpOf<MaxPoolOp, MaxPoolOptions> {
 public:
  static constexpr std::string_view kKind = "max-pool";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "MaxPool"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

/** (x, dy) → dx; the gradient goes to the first largest of each window. Same options as the pool. */
class MaxPoolBackwardOp : public OpOf<MaxPoolBackwardOp, MaxPoolOptions> {
 public:
  static constexpr std::string_view kKind = "max-pool-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

/**
 * (x, x', dy) → m with Σ m (x − x') = Σ dy (y − y'): what a window's largest number rises by goes to the place where it lies now, what it
 * falls by to the place where it lay in x', over how far that place itself moved. Windows that share a place add up there. Same options as
 * the pool.
 */
class MaxPoolLiftOp : public OpOf<MaxPoolLiftOp, MaxPoolOptions> {
 public:
  static constexpr std::string_view kKind = "max-pool-lift";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct AvgPoolOptions {
  int64_t kernel = 2, stride = 2, pad = 0;
  bool ceil = false;
  bool count_include_pad = true;
  void fields(auto&& field) {
    field("kernel", kernel, "rows and columns of the window");
    field("stride", stride, "step of the window");
    field("pad", pad, "zeros on each side");
    field("ceil", ceil, "a last window that hangs over the edge counts");
    field("count_include_pad", count_include_pad, "padding counts in the divisor");
  }
};
/** x [N, C, H, W] → mean of each window; the divisor counts the padding or not, never what lies beyond it (`ceil`). */
class AvgPoolOp : public OpOf<AvgPoolOp, AvgPoolOptions> {
 public:
  static constexpr std::string_view kKind = "avg-pool";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "AveragePool"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

struct AvgPoolBackwardOptions : AvgPoolOptions {
  int64_t rows = 1, columns = 1;
  void fields(auto&& field) {
    AvgPoolOptions::fields(field);
    field("rows", rows, "H of x");
    field("columns", columns, "W of x");
  }
};
/** dy → dx. */
class AvgPoolBackwardOp : public OpOf<AvgPoolBackwardOp, AvgPoolBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "avg-pool-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

/** x [N, C, H, W] → [N, C, 1, 1], the mean of each plane. */
class GlobalAvgPoolOp : public OpOf<GlobalAvgPoolOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "global-avg-pool";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "GlobalAveragePool"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

struct PlaneOptions {
  int64_t rows = 1, columns = 1;
  void fields(auto&& field) {
    field("rows", rows, "H of x");
    field("columns", columns, "W of x");
  }
};
/** dy [N, C, 1, 1] → dx [N, C, rows, columns] = dy / (rows · columns). */
class GlobalAvgPoolBackwardOp : public OpOf<GlobalAvgPoolBackwardOp, PlaneOptions> {
 public:
  static constexpr std::string_view kKind = "global-avg-pool-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

/** Extent of a pool's output along one axis. */
int64_t pooled_extent(int64_t extent, int64_t kernel, int64_t stride, int64_t pad, bool ceil);

}  // namespace convscope

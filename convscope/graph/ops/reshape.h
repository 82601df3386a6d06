#pragma once

#include "convscope/graph/op.h"

namespace convscope {

/** x [N, …] → [N, F] in row-major order. */
class FlattenOp : public OpOf<FlattenOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "flatten";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Flatten"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

struct UnflattenOptions {
  std::vector<int64_t> features;
  void fields(auto&& field) { field("features", features, "extents behind the batch"); }
};
/** x [N, F] → [N, features…]. */
class UnflattenOp : public OpOf<UnflattenOp, UnflattenOptions> {
 public:
  static constexpr std::string_view kKind = "unflatten";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

struct SubsampleOptions {
  int64_t rate = 2;
  void fields(auto&& field) { field("rate", rate, "rows and columns 0, rate, 2 rate, … stay"); }
};
/** x [N, C, H, W] → x[:, :, ::rate, ::rate], [N, C, ⌈H / rate⌉, ⌈W / rate⌉]. */
class SubsampleOp : public OpOf<SubsampleOp, SubsampleOptions> {
 public:
  static constexpr std::string_view kKind = "subsample";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};
struct SubsampleBackwardOptions : SubsampleOptions {
  int64_t rows = 1, columns = 1;
  void fields(auto&& field) {
    SubsampleOptions::fields(field);
    field("rows", rows, "H of x");
    field("columns", columns, "W of x");
  }
};
/** dy → dx, zero at the dropped samples. */
class SubsampleBackwardOp : public OpOf<SubsampleBackwardOp, SubsampleBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "subsample-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct ZeroPadChannelsOptions {
  int64_t before = 0, after = 0;
  void fields(auto&& field) {
    field("before", before, "zero channels in front");
    field("after", after, "zero channels behind");
  }
};
/** x [N, C, H, W] → [N, before + C + after, H, W]; also [N, C]. */
class ZeroPadChannelsOp : public OpOf<ZeroPadChannelsOp, ZeroPadChannelsOptions> {
 public:
  static constexpr std::string_view kKind = "zero-pad-channels";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

struct TakeChannelsOptions {
  int64_t first = 0, count = 1;
  void fields(auto&& field) {
    field("first", first, "first channel that stays");
    field("count", count, "channels that stay");
  }
};
/** x [N, C, H, W] or [N, C] → channels first … first + count − 1. */
class TakeChannelsOp : public OpOf<TakeChannelsOp, TakeChannelsOptions> {
 public:
  static constexpr std::string_view kKind = "take-channels";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  /** A `zero-pad-channels`. */
  void gradient(GradientSite& site) const override;
};

}  // namespace convscope

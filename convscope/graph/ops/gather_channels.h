#pragma once

#include "convscope/graph/op.h"

namespace convscope {

struct GatherChannelsOptions {
  std::vector<int64_t> channels;
  void fields(auto&& field) { field("channels", channels, "which channel of x each one of y is; the same one may come several times"); }
};
/**
 * x [N, C, H, W] or [N, C] → y with y[:, k] = x[:, channels[k]]: channels shuffled as in ShuffleNet (Zhang et al. 2018, section 3.1),
 * chosen, or repeated.
 */
class GatherChannelsOp : public OpOf<GatherChannelsOp, GatherChannelsOptions> {
 public:
  static constexpr std::string_view kKind = "gather-channels";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Gather"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

struct GatherChannelsBackwardOptions : GatherChannelsOptions {
  int64_t count = 1;
  void fields(auto&& field) {
    GatherChannelsOptions::fields(field);
    field("count", count, "C of x");
  }
};
/** dy → dx: to each channel the sum of what was made of it. */
class GatherChannelsBackwardOp : public OpOf<GatherChannelsBackwardOp, GatherChannelsBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "gather-channels-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

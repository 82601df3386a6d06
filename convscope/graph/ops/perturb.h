#pragma once

#include "convscope/graph/ops/activation.h"

namespace convscope {

/**
 * Perturbation: fixed masks the size of the image are added to it, after Juefei-Xu et al. 2018, "Perturbative neural networks", eq. 3.
 * One perturbed map is made for each mask of each channel; the maps of a channel stand together.
 */

struct PerturbOptions {
  double level = 0.5;
  void fields(auto&& field) { field("level", level, "factor of the masks"); }
};

/**
 *   x      [N, C, H, W]
 *   masks  [C, M, H, W]       or [1, M, H, W]: one set for all channels
 *   y      [N, C M, H, W]     y[n, c M + m] = x[n, c] + level · masks[c or 0, m]
 */
class PerturbOp : public OpOf<PerturbOp, PerturbOptions> {
 public:
  static constexpr std::string_view kKind = "perturb";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

struct PerturbBackwardOptions {
  int64_t nmasks = 1;
  void fields(auto&& field) { field("nmasks", nmasks, "M"); }
};
/** dy [N, C M, H, W] → dx [N, C, H, W] of `perturb`: the sum over the masks. */
class PerturbBackwardOp : public OpOf<PerturbBackwardOp, PerturbBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "perturb-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct PerturbBackwardMasksOptions {
  double level = 0.5;
  int64_t nmasks = 1;
  bool unique = true;
  void fields(auto&& field) {
    field("level", level, "factor of the masks");
    field("nmasks", nmasks, "M");
    field("unique", unique, "each channel has masks of its own");
  }
};
/** dy [N, C M, H, W] → dmasks of `perturb`: level times the sum over the images, and over the channels where they share the masks. */
class PerturbBackwardMasksOp : public OpOf<PerturbBackwardMasksOp, PerturbBackwardMasksOptions> {
 public:
  static constexpr std::string_view kKind = "perturb-backward-masks";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct PerturbMixOptions {
  double level = 0.5;
  std::string act = "relu";
  double tuning = 0;
  double lower = 1.0 / 8;
  double upper = 1.0 / 3;
  std::string stream = "";
  void fields(auto&& field) {
    field("level", level, "factor of the masks");
    field("act", act, "what stands between masks and weights: an activation with one tuning, prelu, rrelu or none");
    field("tuning", tuning, "slope or alpha of leaky-relu, elu, celu and selu");
    field("lower", lower, "smallest slope of rrelu");
    field("upper", upper, "largest one");
    field("stream", stream, "name of rrelu's random numbers");
  }

  /** What `act` and `tuning` say; none for those that are no function of one number alone. */
  std::optional<Activation> activation() const;
  bool learned() const { return act == "prelu"; }
  bool random() const { return act == "rrelu"; }
};

/**
 * Perturbation, activation and the weighted sum of a channel's perturbed maps in one: `perturb`, the activation and a 1×1 `conv2d` with C
 * groups would make the same, with C M maps in memory between them. Here none of them is kept.
 *
 *   x       [N, C, H, W]
 *   masks   [C, M, H, W]      or [1, M, H, W]: one set for all channels
 *   weight  [K, M, 1, 1]      output o sums the maps of channel c(o) = o / (K / C)
 *   bias    [K]
 *   slope   [1]               with act = prelu
 *   y       [N, K, H, W]      y[n, o] = bias[o] + Σ_m weight[o, m] · act(x[n, c(o)] + level · masks[c(o) or 0, m])
 */
class PerturbMixOp : public OpOf<PerturbMixOp, PerturbMixOptions> {
 public:
  static constexpr std::string_view kKind = "perturb-mix";
  enum In { kX, kMasks, kWeight, kBias, kSlope };
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const override;
  void gradient(GradientSite& site) const override;
  int64_t macs(std::span<const Shape> in, std::span<const Shape> out) const override;
};

struct PerturbMixBackwardOptions : PerturbMixOptions {
  bool masks = false;
  void fields(auto&& field) {
    PerturbMixOptions::fields(field);
    field("masks", masks, "the masks' gradient is wanted too");
  }
};
/** (x, masks, weight, dy and, with prelu, slope) → dx, dweight, dbias, then dmasks with `masks`, then dslope with prelu. */
class PerturbMixBackwardOp : public OpOf<PerturbMixBackwardOp, PerturbMixBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "perturb-mix-backward";
  enum In { kX, kMasks, kWeight, kUpstream, kSlope };
  enum Out { kDx, kDweight, kDbias, kDmasks };
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const override;
  int64_t macs(std::span<const Shape> in, std::span<const Shape> out) const override;
};

}  // namespace convscope

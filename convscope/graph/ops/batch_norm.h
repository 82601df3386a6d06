#pragma once

#include "convscope/graph/ops/activation.h"

namespace convscope {

struct BatchNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;
  bool per_activation = false;
  bool unbiased = true;
  bool residual = false;
  std::optional<Activation> activation = {};  // done in passing
  void fields(auto&& field) {
    field("eps", eps, "added to the variance");
    field("momentum", momentum, "share of the batch in the running statistics");
    field("per_activation", per_activation, "statistics for each (channel, row, column) over the batch alone");
    field("unbiased", unbiased, "the running variance takes the unbiased variance of the batch");
    field("residual", residual, "a sixth input of x's shape is added before the activation");
    activation_field(field, activation);
  }
};

/**
 * Batch normalisation by the statistics of the batch, Ioffe and Szegedy 2015, algorithm 1.
 *
 *   x              [N, C, H, W]
 *   gamma, beta    [G]                P (one for each statistic) or 1 (one for all)
 *   running_mean, running_variance    [P]: read by the inference form only; `for_training` adds their updates
 *   residual       [N, C, H, W]       with `residual`
 *   y              [N, C, H, W] = f(gamma (x − mean) / √(variance + eps) + beta + residual)
 *   mean, variance [P]                of the batch, biased
 *
 * P is [C], or [C, H, W] with `per_activation`.
 */
class BatchNormOp : public OpOf<BatchNormOp, BatchNormOptions> {
 public:
  static constexpr std::string_view kKind = "batch-norm";
  enum In { kX, kGamma, kBeta, kRunningMean, kRunningVariance, kResidual };
  enum Out { kY, kMean, kVariance };
  using OpOf::OpOf;
  std::string_view onnx() const override { return "BatchNormalization"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

struct BatchNormAgainOptions {
  double eps = 1e-5;
  bool residual = false;
  std::optional<Activation> activation = {};  // done in passing
  void fields(auto&& field) {
    field("eps", eps, "added to the variance");
    field("residual", residual, "a sixth input of x's shape is added before the activation");
    activation_field(field, activation);
  }
};
/** (x, gamma, beta, mean, variance and, with `residual`, residual) → y of a `batch-norm` whose statistics are known: computed again rather
 * than kept. */
class BatchNormAgainOp : public OpOf<BatchNormAgainOp, BatchNormAgainOptions> {
 public:
  static constexpr std::string_view kKind = "batch-norm-again";
  enum In { kX, kGamma, kBeta, kMean, kVariance, kResidual };
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct BatchNormBackwardOptions {
  double eps = 1e-5;
  bool per_activation = false;
  bool residual = false;
  bool relu = false;
  int64_t upstreams = 1;
  void fields(auto&& field) {
    field("eps", eps, "added to the variance");
    field("per_activation", per_activation, "as in batch-norm");
    field("residual", residual, "as in batch-norm; a fourth output, the residual's gradient");
    field("relu", relu, "as in batch-norm");
    field("upstreams", upstreams, "gradients that come down; they are added");
  }
};
/**
 * (x, gamma, beta, mean, variance, y, dy…) → dx, dgamma, dbeta and, with `residual`, dresidual = dy · [y > 0].
 * y is read only with both `residual` and `relu`; without a residual the ReLU's mask follows from x.
 */
class BatchNormBackwardOp : public OpOf<BatchNormBackwardOp, BatchNormBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "batch-norm-backward";
  enum In { kX, kGamma, kBeta, kMean, kVariance, kY, kUpstream };
  enum Out { kDx, kDgamma, kDbeta, kDresidual };
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct RunningAverageOptions {
  double momentum = 0.1;
  double correction = 1;
  void fields(auto&& field) {
    field("momentum", momentum, "share of the new value");
    field("correction", correction, "factor of the new value: n / (n − 1) makes a variance unbiased");
  }
};
/** (old, batch) → (1 − momentum) old + momentum · correction · batch. */
class RunningAverageOp : public OpOf<RunningAverageOp, RunningAverageOptions> {
 public:
  static constexpr std::string_view kKind = "running-average";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct BatchNormScaleOptions {
  double eps = 1e-5;
  void fields(auto&& field) { field("eps", eps, "added to the variance"); }
};
/** (gamma, running_variance) → gamma / √(running_variance + eps), shape of the variance: the factor of batch norm at inference. */
class BatchNormScaleOp : public OpOf<BatchNormScaleOp, BatchNormScaleOptions> {
 public:
  static constexpr std::string_view kKind = "batch-norm-scale";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};
/** (beta, running_mean, scale) → beta − running_mean · scale: the summand. */
class BatchNormShiftOp : public OpOf<BatchNormShiftOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "batch-norm-shift";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

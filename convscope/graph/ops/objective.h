#pragma once

#include "convscope/graph/op.h"

namespace convscope {

struct CrossEntropyOptions {
  std::string of = "logits";
  std::string reduction = "mean";
  double smoothing = 0;
  double floor = 0;
  void fields(auto&& field) {
    field("of", of,
          "what x is: logits; probabilities; softmax-twice (logits that go through softmax before the loss from logits: a published "
          "mistake)");
    field("reduction", reduction, "mean or sum over the batch");
    field("smoothing", smoothing, "label smoothing: this share of the target is spread over all classes");
    field("floor", floor, "added to probabilities before the logarithm");
  }
};
/**
 * (x [N, Y], labels [N]) → [1]: −Σ_n Σ_y t_ny log p_ny, or its mean over n; t is one-hot, smoothed to (1 − s) t + s / Y. Labels [N, Y] are
 * distributions t that sum to 1.
 * p = softmax(x); x + floor with `of` = probabilities; softmax(softmax(x)) with softmax-twice.
 */
class CrossEntropyOp : public OpOf<CrossEntropyOp, CrossEntropyOptions> {
 public:
  static constexpr std::string_view kKind = "cross-entropy";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "SoftmaxCrossEntropyLoss"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};
/** (x, labels, dloss [1]) → dx. Same options. */
class CrossEntropyBackwardOp : public OpOf<CrossEntropyBackwardOp, CrossEntropyOptions> {
 public:
  static constexpr std::string_view kKind = "cross-entropy-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

/**
 * (x [N, Y], labels [N]) → [1]: Σ_n x[n, label n]; a label of −1 means the largest. Explains what a class's score depends on.
 * Labels [N, Y] are weights: Σ_n Σ_y x[n, y] labels[n, y].
 */
class PickOp : public OpOf<PickOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "pick";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};
/** (x, labels, dsum [1]) → dx. */
class PickBackwardOp : public OpOf<PickBackwardOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "pick-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

#pragma once

#include "convscope/graph/op.h"

namespace convscope {

/** a + b, equal shapes. */
class AddOp : public OpOf<AddOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "add";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Add"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

struct DropoutOptions {
  double rate = 0.5;
  std::string stream = "";
  void fields(auto&& field) {
    field("rate", rate, "share of elements set to 0; the others are divided by 1 − rate");
    field("stream", stream, "name of its random numbers");
  }
};
/**
 * Inverted dropout: y = x · [u ≥ rate] / (1 − rate) with u = RandomStream(seed, stream).uniform(element of the image, sample · 2²⁰ +
 * epoch). u lies in [0, 1), so rate 0 keeps everything. It is its own gradient. An image's elements are counted in [C, H, W] order.
 * `for_inference` takes it out.
 */
class DropoutOp : public OpOf<DropoutOp, DropoutOptions> {
 public:
  static constexpr std::string_view kKind = "dropout";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Dropout"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
  /** Whether the element with the random number `u` stays. */
  bool keeps(float u) const { return u >= static_cast<float>(options_.rate); }
  /** The part of the stream that a sample of an epoch reads. */
  static uint64_t part(const RunContext& context, int64_t n) { return (static_cast<uint64_t>(context.sample(n)) << 20) + context.epoch; }
};

/** x [N, Y] → probabilities along Y. */
class SoftmaxOp : public OpOf<SoftmaxOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "softmax";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "Softmax"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};
/** (p, dp) → p · (dp − Σ p dp). */
class SoftmaxBackwardOp : public OpOf<SoftmaxBackwardOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "softmax-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

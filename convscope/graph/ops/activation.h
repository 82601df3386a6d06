#pragma once

#include "convscope/graph/op.h"

namespace convscope {

/**
 * A function of one number and what it is tuned by. The slope is told from y, so that an activation's input need not be kept.
 *
 *   relu6       min(max(x, 0), 6)
 *   leaky-relu  x > 0 ? x : tuning · x                  Maas et al. 2013
 *   elu         x > 0 ? x : tuning · (exp x − 1)        Clevert et al. 2016, eq. 15
 *   selu        λ elu(x) with tuning α                  Klambauer et al. 2017, eq. 2, with the paper's λ and α
 *   tanh        (exp x − exp −x) / (exp x + exp −x)
 *   sigmoid     1 / (1 + exp −x)
 *   clamp       min(max(x, tuning), high)
 */
struct Curve {
  enum Kind { kRelu6, kLeakyRelu, kElu, kSelu, kTanh, kSigmoid, kClamp } kind;
  double tuning = 0;
  double high = 0;  // clamp's alone

  double value(double x) const;
  /** f'(x), told from y = f(x). */
  double slope(double y) const;
  std::string_view name() const;

  static constexpr double kSeluAlpha = 1.6732632423543772848;
  static constexpr double kSeluLambda = 1.0507009873554804934;
};

/** What engines ask of an activation, whatever its options. */
class HasCurve {
 public:
  virtual ~HasCurve() = default;
  virtual Curve curve() const = 0;
};

namespace detail {
std::vector<Shape> activation_shapes(const Curve& curve, std::span<const Shape> in);
void run_activation(const Curve& curve, std::span<const Tensor* const> in, std::span<Tensor* const> out);
void activation_gradient(const Curve& curve, GradientSite& site);
}  // namespace detail

/** y = f(x), any shape. `Member` has a name in the table and in ONNX, options, and the curve that they give. */
template <typename Member>
class ActivationOp : public OpOf<ActivationOp<Member>, typename Member::Options>, public HasCurve {
 public:
  static constexpr std::string_view kKind = Member::kKind;
  using OpOf<ActivationOp, typename Member::Options>::OpOf;
  std::string_view onnx() const override { return Member::kOnnx; }
  Curve curve() const override { return Member::curve(this->options_); }
  std::vector<Shape> shapes(std::span<const Shape> in) const override { return detail::activation_shapes(curve(), in); }
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override {
    detail::run_activation(curve(), in, out);
  }
  void gradient(GradientSite& site) const override { detail::activation_gradient(curve(), site); }
};

struct LeakyReluOptions {
  double slope = 0.01;
  void fields(auto&& field) { field("slope", slope, "factor of negative numbers; 0 or more"); }
};
struct EluOptions {
  double alpha = 1;
  void fields(auto&& field) { field("alpha", alpha, "large negative numbers become −alpha; 0 or more"); }
};
struct ClampOptions {
  double low = -1;
  double high = 1;
  void fields(auto&& field) {
    field("low", low, "smaller numbers become it");
    field("high", high, "larger numbers become it");
  }
};

namespace curves {
struct Relu6 {
  static constexpr std::string_view kKind = "relu6", kOnnx = "Clip";
  using Options = NoOptions;
  static Curve curve(const Options&) { return {Curve::kRelu6}; }
};
struct LeakyRelu {
  static constexpr std::string_view kKind = "leaky-relu", kOnnx = "LeakyRelu";
  using Options = LeakyReluOptions;
  static Curve curve(const Options& o) { return {Curve::kLeakyRelu, o.slope}; }
};
struct Elu {
  static constexpr std::string_view kKind = "elu", kOnnx = "Elu";
  using Options = EluOptions;
  static Curve curve(const Options& o) { return {Curve::kElu, o.alpha}; }
};
struct Selu {
  static constexpr std::string_view kKind = "selu", kOnnx = "Selu";
  using Options = NoOptions;
  static Curve curve(const Options&) { return {Curve::kSelu, Curve::kSeluAlpha}; }
};
struct Tanh {
  static constexpr std::string_view kKind = "tanh", kOnnx = "Tanh";
  using Options = NoOptions;
  static Curve curve(const Options&) { return {Curve::kTanh}; }
};
struct Sigmoid {
  static constexpr std::string_view kKind = "sigmoid", kOnnx = "Sigmoid";
  using Options = NoOptions;
  static Curve curve(const Options&) { return {Curve::kSigmoid}; }
};
struct Clamp {
  static constexpr std::string_view kKind = "clamp", kOnnx = "Clip";
  using Options = ClampOptions;
  static Curve curve(const Options& o) { return {Curve::kClamp, o.low, o.high}; }
};
}  // namespace curves

using Relu6Op = ActivationOp<curves::Relu6>;
using LeakyReluOp = ActivationOp<curves::LeakyRelu>;
using EluOp = ActivationOp<curves::Elu>;
using SeluOp = ActivationOp<curves::Selu>;
using TanhOp = ActivationOp<curves::Tanh>;
using SigmoidOp = ActivationOp<curves::Sigmoid>;
using ClampOp = ActivationOp<curves::Clamp>;

struct ActivationBackwardOptions {
  std::string of = "tanh";
  double tuning = 0;
  int64_t upstreams = 1;
  double high = 0;
  void fields(auto&& field) {
    field("of", of, "the activation: relu6, leaky-relu, elu, selu, tanh, sigmoid or clamp");
    field("tuning", tuning, "its slope, alpha or lower limit; 0 where it has none");
    field("upstreams", upstreams, "gradients that come down; they are added");
    field("high", high, "clamp's upper limit");
  }
};
/** (y, dy…) → Σ dy · f'(x), for all of them. */
class ActivationBackwardOp : public OpOf<ActivationBackwardOp, ActivationBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "activation-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  Curve curve() const;
};

/** (x [N, C, …], slope [C] or [1]) → x > 0 ? x : slope · x, with a slope that is learned; He et al. 2015, eq. 1. */
class PReluOp : public OpOf<PReluOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "prelu";
  using OpOf::OpOf;
  std::string_view onnx() const override { return "PRelu"; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};
/** (x, slope, dy) → dx and dslope. It wants x: a slope may be negative. */
class PReluBackwardOp : public OpOf<PReluBackwardOp, NoOptions> {
 public:
  static constexpr std::string_view kKind = "prelu-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct RReluOptions {
  double lower = 1.0 / 8;
  double upper = 1.0 / 3;
  std::string stream = "";
  void fields(auto&& field) {
    field("lower", lower, "smallest factor of negative numbers; 0 or more");
    field("upper", upper, "largest one");
    field("stream", stream, "name of its random numbers");
  }
};
/**
 * x > 0 ? x : a x with a = lower + (upper − lower) u, u drawn for each element and run as dropout draws; Xu et al. 2015. `for_inference`
 * makes it a leaky-relu with the mean slope.
 */
class RReluOp : public OpOf<RReluOp, RReluOptions> {
 public:
  static constexpr std::string_view kKind = "rrelu";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
  double mean_slope() const { return (options_.lower + options_.upper) / 2; }
};
/** (y, dy) → dy · (y > 0 ? 1 : a) with the same a. */
class RReluBackwardOp : public OpOf<RReluBackwardOp, RReluOptions> {
 public:
  static constexpr std::string_view kKind = "rrelu-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

#pragma once

#include <optional>

#include "convscope/graph/graph.h"

namespace convscope {

/**
 * A function of one number and what it is tuned by. The slope is told from y, so that an activation's input need not be kept.
 *
 *   relu        max(x, 0)
 *   relu6       min(max(x, 0), 6)
 *   leaky-relu  x > 0 ? x : tuning · x                  Maas et al. 2013
 *   elu         x > 0 ? x : tuning · (exp x − 1)        Clevert et al. 2016, eq. 15
 *   celu        x > 0 ? x : tuning · (exp(x / tuning) − 1)   Barron 2017: its slope has no jump at 0
 *   selu        λ elu(x) with tuning α                  Klambauer et al. 2017, eq. 2, with the paper's λ and α
 *   tanh        (exp x − exp −x) / (exp x + exp −x)
 *   sigmoid     1 / (1 + exp −x)
 *   clamp       min(max(x, tuning), high)
 *
 * Each is an op of that name, and an op behind which one stands may do it in passing: it then has one as its option.
 */
struct Activation {
  enum Kind { kRelu, kRelu6, kLeakyRelu, kElu, kCelu, kSelu, kTanh, kSigmoid, kClamp } kind = kRelu;
  double tuning = 0;
  double high = 0;  // clamp's alone

  double value(double x) const;
  /** f'(x), told from y = f(x). */
  double slope(double y) const;
  std::string_view name() const;
  /** The op that does it alone. */
  std::shared_ptr<const Op> op() const;
  /** An error where `tuning` gives one y to two x: the slope could not be told. */
  void check() const;
  bool operator==(const Activation&) const = default;

  static constexpr double kSeluAlpha = 1.6732632423543772848;
  static constexpr double kSeluLambda = 1.0507009873554804934;
};

/** The one of that name; none where there is none. */
std::optional<Activation> activation_named(std::string_view name, double tuning = 0, double high = 0);

/** Ops that are one, whatever their options. */
class HasActivation {
 public:
  virtual ~HasActivation() = default;
  virtual Activation activation() const = 0;
};

/** The activation of an op that does one in passing: `value` is what stands before it. */
inline double activated(const std::optional<Activation>& f, double value) { return f ? f->value(value) : value; }
/** What comes down to such an op, behind its activation. */
Value upstream_behind(const std::optional<Activation>& f, GradientSite& site);

namespace detail {
Json in_passing_to_json(const std::optional<Activation>& f);
std::optional<Activation> in_passing_from_json(const Json& j);

std::vector<Shape> activation_shapes(const Activation& f, std::span<const Shape> in);
void run_activation(const Activation& f, std::span<const Tensor* const> in, std::span<Tensor* const> out);
void activation_gradient(const Activation& f, GradientSite& site);
}  // namespace detail

/**
 * The option of an op that may do an activation in passing. In files it is called `relu`, which networks as they are written have as false;
 * true is ReLU, and {"of": "elu", "tuning": 1.0} another one.
 */
void activation_field(auto&& field, std::optional<Activation>& f) {
  Json j = detail::in_passing_to_json(f);
  field("relu", j, "the activation that is done in passing: none (false), ReLU (true) or another, {\"of\": \"elu\", \"tuning\": 1.0}");
  f = detail::in_passing_from_json(j);
}

/** y = f(x), any shape. `Member` has a name in the table and in ONNX, options, and the activation that they give. */
template <typename Member>
class ActivationOp : public OpOf<ActivationOp<Member>, typename Member::Options>, public HasActivation {
 public:
  static constexpr std::string_view kKind = Member::kKind, kSummary = Member::kSummary;
  using OpOf<ActivationOp, typename Member::Options>::OpOf;
  std::string_view onnx() const override { return Member::kOnnx; }
  Activation activation() const override { return Member::activation(this->options_); }
  std::vector<Shape> shapes(std::span<const Shape> in) const override { return detail::activation_shapes(activation(), in); }
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override {
    detail::run_activation(activation(), in, out);
  }
  void gradient(GradientSite& site) const override { detail::activation_gradient(activation(), site); }
};

struct LeakyReluOptions {
  double slope = 0.01;
  void fields(auto&& field) { field("slope", slope, "factor of negative numbers; 0 or more"); }
};
struct EluOptions {
  double alpha = 1;
  void fields(auto&& field) { field("alpha", alpha, "large negative numbers become −alpha; 0 or more"); }
};
struct CeluOptions {
  double alpha = 1;
  void fields(auto&& field) { field("alpha", alpha, "large negative numbers become −alpha; above 0"); }
};
struct ClampOptions {
  double low = -1;
  double high = 1;
  void fields(auto&& field) {
    field("low", low, "smaller numbers become it");
    field("high", high, "larger numbers become it");
  }
};

namespace activations {
struct Relu {
  static constexpr std::string_view kKind = "relu", kOnnx = "Relu", kSummary = "negative numbers become 0";
  using Options = NoOptions;
  static Activation activation(const Options&) { return {Activation::kRelu}; }
};
struct Relu6 {
  static constexpr std::string_view kKind = "relu6", kOnnx = "Clip", kSummary = "numbers below 0 become 0, above 6 become 6";
  using Options = NoOptions;
  static Activation activation(const Options&) { return {Activation::kRelu6}; }
};
struct LeakyRelu {
  static constexpr std::string_view kKind = "leaky-relu", kOnnx = "LeakyRelu", kSummary = "negative numbers times a small slope";
  using Options = LeakyReluOptions;
  static Activation activation(const Options& o) { return {Activation::kLeakyRelu, o.slope}; }
};
struct Elu {
  static constexpr std::string_view kKind = "elu", kOnnx = "Elu", kSummary = "negative numbers bend towards −alpha";
  using Options = EluOptions;
  static Activation activation(const Options& o) { return {Activation::kElu, o.alpha}; }
};
struct Celu {
  static constexpr std::string_view kKind = "celu", kOnnx = "Celu", kSummary = "elu whose slope does not jump at 0, whatever its alpha";
  using Options = CeluOptions;
  static Activation activation(const Options& o) { return {Activation::kCelu, o.alpha}; }
};
struct Selu {
  static constexpr std::string_view kKind = "selu", kOnnx = "Selu", kSummary = "elu scaled so that mean 0 and variance 1 stay";
  using Options = NoOptions;
  static Activation activation(const Options&) { return {Activation::kSelu, Activation::kSeluAlpha}; }
};
struct Tanh {
  static constexpr std::string_view kKind = "tanh", kOnnx = "Tanh", kSummary = "hyperbolic tangent";
  using Options = NoOptions;
  static Activation activation(const Options&) { return {Activation::kTanh}; }
};
struct Sigmoid {
  static constexpr std::string_view kKind = "sigmoid", kOnnx = "Sigmoid", kSummary = "1 / (1 + exp −x)";
  using Options = NoOptions;
  static Activation activation(const Options&) { return {Activation::kSigmoid}; }
};
struct Clamp {
  static constexpr std::string_view kKind = "clamp", kOnnx = "Clip",
                                    kSummary = "numbers below the one limit become it, above the other that";
  using Options = ClampOptions;
  static Activation activation(const Options& o) { return {Activation::kClamp, o.low, o.high}; }
};
}  // namespace activations

using ReluOp = ActivationOp<activations::Relu>;
using Relu6Op = ActivationOp<activations::Relu6>;
using LeakyReluOp = ActivationOp<activations::LeakyRelu>;
using EluOp = ActivationOp<activations::Elu>;
using CeluOp = ActivationOp<activations::Celu>;
using SeluOp = ActivationOp<activations::Selu>;
using TanhOp = ActivationOp<activations::Tanh>;
using SigmoidOp = ActivationOp<activations::Sigmoid>;
using ClampOp = ActivationOp<activations::Clamp>;

/** visit.operator()<T>() for the op of each activation that people choose by its name; clamp, which they do not, comes from others' files.
 */
void each_activation(auto&& visit) {
  visit.template operator()<ReluOp>();
  visit.template operator()<Relu6Op>();
  visit.template operator()<LeakyReluOp>();
  visit.template operator()<EluOp>();
  visit.template operator()<CeluOp>();
  visit.template operator()<SeluOp>();
  visit.template operator()<TanhOp>();
  visit.template operator()<SigmoidOp>();
}

struct ActivationBackwardOptions {
  std::string of = "relu";
  double tuning = 0;
  int64_t upstreams = 1;
  double high = 0;
  void fields(auto&& field) {
    field("of", of, "the activation's name");
    field("tuning", tuning, "its slope, alpha or lower limit; 0 where it has none");
    field("upstreams", upstreams, "gradients that come down; they are added");
    field("high", high, "clamp's upper limit");
  }
};
/** (y, dy…) → Σ dy · f'(x), for all of them. The output y tells the slope, so the input need not be kept. */
class ActivationBackwardOp : public OpOf<ActivationBackwardOp, ActivationBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "activation-backward";
  using OpOf::OpOf;
  explicit ActivationBackwardOp(const Activation& f, int64_t upstreams = 1)
      : OpOf(ActivationBackwardOptions{std::string(f.name()), f.tuning, upstreams, f.high}) {}
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  Activation activation() const;
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

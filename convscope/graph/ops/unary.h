#pragma once

#include "convscope/graph/op.h"

namespace convscope {

/**
 * Functions of one number that networks from elsewhere are made of and that our own do without: unlike an activation (activation.h) their
 * slope is told by the input, and nothing does them in passing.
 */
struct UnaryFunction {
  std::string_view of;  // the op's kind
  double tuning = 0;    // its number, where it has one

  double value(double x) const;
  double slope(double x) const;
};

namespace detail {
std::vector<Shape> unary_shapes(const UnaryFunction& f, std::span<const Shape> in);
void run_unary(const UnaryFunction& f, std::span<const Tensor* const> in, std::span<Tensor* const> out);
void unary_gradient(const UnaryFunction& f, GradientSite& site);
}  // namespace detail

/** y = f(x), any shape. `Member` has a name in the table and in ONNX, options, and the number among them. */
template <typename Member>
class UnaryOp : public OpOf<UnaryOp<Member>, typename Member::Options> {
 public:
  static constexpr std::string_view kKind = Member::kKind, kSummary = Member::kSummary;
  using OpOf<UnaryOp, typename Member::Options>::OpOf;
  std::string_view onnx() const override { return Member::kOnnx; }
  UnaryFunction function() const { return {kKind, Member::tuning(this->options_)}; }
  std::vector<Shape> shapes(std::span<const Shape> in) const override { return detail::unary_shapes(function(), in); }
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override {
    detail::run_unary(function(), in, out);
  }
  void gradient(GradientSite& site) const override { detail::unary_gradient(function(), site); }
};

struct GeluOptions {
  bool tanh = false;
  void fields(auto&& field) { field("tanh", tanh, "its approximation by tanh"); }
};
struct PowerOptions {
  double exponent = 2;
  void fields(auto&& field) { field("exponent", exponent, "what each number is raised to"); }
};

namespace unary {
struct Gelu {
  static constexpr std::string_view kKind = "gelu", kOnnx = "Gelu",
                                    kSummary = "x times the share of a normal distribution below x; Hendrycks and Gimpel 2016";
  using Options = GeluOptions;
  static double tuning(const Options& o) { return o.tanh ? 1 : 0; }
};
struct Erf {
  static constexpr std::string_view kKind = "erf", kOnnx = "Erf", kSummary = "error function";
  using Options = NoOptions;
  static double tuning(const Options&) { return 0; }
};
struct Exp {
  static constexpr std::string_view kKind = "exp", kOnnx = "Exp", kSummary = "e to the power of x";
  using Options = NoOptions;
  static double tuning(const Options&) { return 0; }
};
struct Log {
  static constexpr std::string_view kKind = "log", kOnnx = "Log", kSummary = "natural logarithm";
  using Options = NoOptions;
  static double tuning(const Options&) { return 0; }
};
struct Abs {
  static constexpr std::string_view kKind = "abs", kOnnx = "Abs", kSummary = "absolute value";
  using Options = NoOptions;
  static double tuning(const Options&) { return 0; }
};
struct Softplus {
  static constexpr std::string_view kKind = "softplus", kOnnx = "Softplus", kSummary = "ln(1 + exp x)";
  using Options = NoOptions;
  static double tuning(const Options&) { return 0; }
};
struct Power {
  static constexpr std::string_view kKind = "power", kOnnx = "Pow", kSummary = "each number to the same power";
  using Options = PowerOptions;
  static double tuning(const Options& o) { return o.exponent; }
};
}  // namespace unary

using GeluOp = UnaryOp<unary::Gelu>;
using ErfOp = UnaryOp<unary::Erf>;
using ExpOp = UnaryOp<unary::Exp>;
using LogOp = UnaryOp<unary::Log>;
using AbsOp = UnaryOp<unary::Abs>;
using SoftplusOp = UnaryOp<unary::Softplus>;
using PowerOp = UnaryOp<unary::Power>;

/** visit.operator()<T>() for each of them. */
void each_unary(auto&& visit) {
  visit.template operator()<GeluOp>();
  visit.template operator()<ErfOp>();
  visit.template operator()<ExpOp>();
  visit.template operator()<LogOp>();
  visit.template operator()<AbsOp>();
  visit.template operator()<SoftplusOp>();
  visit.template operator()<PowerOp>();
}

struct UnaryBackwardOptions {
  std::string of = "gelu";
  double tuning = 0;
  void fields(auto&& field) {
    field("of", of, "the function's name");
    field("tuning", tuning, "its exponent, or 1 for gelu by tanh");
  }
};
/** (x, dy) → dy · f'(x). */
class UnaryBackwardOp : public OpOf<UnaryBackwardOp, UnaryBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "unary-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope

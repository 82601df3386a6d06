#include "convscope/graph/ops/unary.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

constexpr int64_t kPiece = 1 << 12;  // numbers that are worth a thread

const double kRootOfTwo = std::numbers::sqrt2, kRootOfTwoOverPi = std::sqrt(2 / std::numbers::pi);
constexpr double kCube = 0.044715;  // Hendrycks and Gimpel 2016, section 2

double normal_share(double x) { return 0.5 * std::erfc(-x / kRootOfTwo); }
double normal_density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }

double gelu(double x, bool by_tanh) {
  return by_tanh ? 0.5 * x * (1 + std::tanh(kRootOfTwoOverPi * (x + kCube * x * x * x))) : x * normal_share(x);
}
double gelu_slope(double x, bool by_tanh) {
  if (!by_tanh) return normal_share(x) + x * normal_density(x);
  const double t = std::tanh(kRootOfTwoOverPi * (x + kCube * x * x * x));
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * kRootOfTwoOverPi * (1 + 3 * kCube * x * x);
}

/** A function's rows: its name, its value and its slope for (x, its number). */
struct Row {
  std::string_view of;
  double (*value)(double, double);
  double (*slope)(double, double);
};
constexpr Row kRows[] = {
    {"gelu", [](double x, double t) { return gelu(x, t != 0); }, [](double x, double t) { return gelu_slope(x, t != 0); }},
    {"erf", [](double x, double) { return std::erf(x); },
     [](double x, double) { return 2 / std::sqrt(std::numbers::pi) * std::exp(-x * x); }},
    {"exp", [](double x, double) { return std::exp(x); }, [](double x, double) { return std::exp(x); }},
    {"log", [](double x, double) { return std::log(x); }, [](double x, double) { return 1 / x; }},
    {"abs", [](double x, double) { return std::abs(x); }, [](double x, double) { return x > 0   ? 1.0
                                                                                        : x < 0 ? -1.0
                                                                                                : 0.0; }},
    {"softplus", [](double x, double) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); },
     [](double x, double) { return 1 / (1 + std::exp(-x)); }},
    {"power", [](double x, double p) { return std::pow(x, p); },
     [](double x, double p) { return x == 0 && p < 1 ? 0 : p * std::pow(x, p - 1); }},
};

const Row& row_of(std::string_view of) {
  for (const Row& row : kRows)
    if (row.of == of) return row;
  fail("no function '{}'", of);
}

}  // namespace

double UnaryFunction::value(double x) const { return row_of(of).value(x, tuning); }
double UnaryFunction::slope(double x) const { return row_of(of).slope(x, tuning); }

std::vector<Shape> detail::unary_shapes(const UnaryFunction& f, std::span<const Shape> in) {
  require_inputs(f.of, in.size(), 1, 1);
  require(std::isfinite(f.tuning), "{} with the number {}; a finite one was wanted", f.of, f.tuning);
  return {in[0]};
}

void detail::run_unary(const UnaryFunction& f, std::span<const Tensor* const> in, std::span<Tensor* const> out) {
  const Row& row = row_of(f.of);
  parallel(in[0]->size(), kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) (*out[0])[i] = static_cast<float>(row.value((*in[0])[i], f.tuning));
  });
}

void detail::unary_gradient(const UnaryFunction& f, GradientSite& site) {
  if (!site.wanted(0)) return;
  const UnaryBackwardOptions options{std::string(f.of), f.tuning};
  site.give(0, site.add("backward", std::make_shared<UnaryBackwardOp>(options), {site.in(0), site.upstream()}));
}

std::vector<Shape> UnaryBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  row_of(options_.of);
  require(std::isfinite(options_.tuning), "tuning is {}; a finite number was wanted", options_.tuning);
  require_shape("the gradient", in[1], in[0]);
  return {in[0]};
}

void UnaryBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Row& row = row_of(options_.of);
  parallel(in[0]->size(), kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      (*out[0])[i] = static_cast<float>(static_cast<double>((*in[1])[i]) * row.slope((*in[0])[i], options_.tuning));
  });
}

}  // namespace convscope

#include "convscope/graph/ops/activation.h"

#include <cassert>
#include <cmath>

#include "convscope/base/nearest.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"
#include "convscope/graph/ops/elementwise.h"

namespace convscope {

namespace {

constexpr int64_t kPiece = 1 << 14;  // numbers that are worth a thread

/** A NaN stays one. */
double between(double x, double low, double high) { return x <= low ? low : x >= high ? high : x; }
/** y is a limit as F32 where it was cut, so the limits are compared as that. */
double inside(double y, double low, double high) {
  const float f = static_cast<float>(y);
  return f > static_cast<float>(low) && f < static_cast<float>(high) ? 1 : 0;
}

double elu(double x, double alpha) { return x > 0 ? x : alpha * std::expm1(x); }

/** Rows stand as `Curve::Kind` counts. */
struct Row {
  std::string_view name;
  double (*value)(double x, const Curve& c);
  double (*slope)(double y, const Curve& c);
};
constexpr Row kRows[] = {
    {"relu6", [](double x, const Curve&) { return between(x, 0, 6); }, [](double y, const Curve&) { return inside(y, 0, 6); }},
    {"leaky-relu", [](double x, const Curve& c) { return x > 0 ? x : c.tuning * x; },
     [](double y, const Curve& c) { return y > 0 ? 1 : c.tuning; }},
    {"elu", [](double x, const Curve& c) { return elu(x, c.tuning); }, [](double y, const Curve& c) { return y > 0 ? 1 : y + c.tuning; }},
    {"selu", [](double x, const Curve& c) { return Curve::kSeluLambda * elu(x, c.tuning); },
     [](double y, const Curve& c) { return y > 0 ? Curve::kSeluLambda : y + Curve::kSeluLambda * c.tuning; }},
    {"tanh", [](double x, const Curve&) { return std::tanh(x); }, [](double y, const Curve&) { return 1 - y * y; }},
    {"sigmoid", [](double x, const Curve&) { return 1 / (1 + std::exp(-x)); }, [](double y, const Curve&) { return y * (1 - y); }},
    {"clamp", [](double x, const Curve& c) { return between(x, c.tuning, c.high); },
     [](double y, const Curve& c) { return inside(y, c.tuning, c.high); }},
};

/** A tuning below 0 would give one y to two x: the slope could not be told from y. */
void require_tuning(const Curve& curve) {
  if (curve.kind == Curve::kClamp) {
    require(std::isfinite(curve.tuning) && std::isfinite(curve.high) && curve.tuning <= curve.high,
            "clamp takes two numbers, the lower one first, got {} and {}", curve.tuning, curve.high);
    return;
  }
  require(std::isfinite(curve.tuning) && curve.tuning >= 0, "{} takes a slope or alpha of 0 or more, got {}", curve.name(), curve.tuning);
}

}  // namespace

double Curve::value(double x) const { return kRows[kind].value(x, *this); }
double Curve::slope(double y) const { return kRows[kind].slope(y, *this); }
std::string_view Curve::name() const { return kRows[kind].name; }

namespace detail {

std::vector<Shape> activation_shapes(const Curve& curve, std::span<const Shape> in) {
  require_inputs(curve.name(), in.size(), 1, 1);
  require_tuning(curve);
  return {in[0]};
}

void run_activation(const Curve& curve, std::span<const Tensor* const> in, std::span<Tensor* const> out) {
  parallel(in[0]->size(), kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) (*out[0])[i] = static_cast<float>(curve.value((*in[0])[i]));
  });
}

void activation_gradient(const Curve& curve, GradientSite& site) {
  if (!site.wanted(0)) return;
  const ActivationBackwardOptions options{std::string(curve.name()), curve.tuning, 1, curve.high};
  site.give(0, site.add("backward", std::make_shared<ActivationBackwardOp>(options), {site.out(), site.upstream()}));
}

}  // namespace detail

Curve ActivationBackwardOp::curve() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].name == options_.of) return {static_cast<Curve::Kind>(i), options_.tuning, options_.high};
    names.emplace_back(kRows[i].name);
  }
  fail("no activation '{}'{}", options_.of, known_names(options_.of, names));
}

std::vector<Shape> ActivationBackwardOp::shapes(std::span<const Shape> in) const {
  require_tuning(curve());
  require_count("upstreams", options_.upstreams, 1);
  const size_t inputs = 1 + static_cast<size_t>(options_.upstreams);
  require_inputs(kKind, in.size(), inputs, inputs);
  for (const Shape& dy : in.subspan(1)) require_shape("a gradient", dy, in[0]);
  return {in[0]};
}

void ActivationBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& y = *in[0];
  parallel(y.size(), kPiece, [&, f = curve()](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      double sum = 0;
      for (const Tensor* dy : in.subspan(1)) sum += (*dy)[i];
      (*out[0])[i] = static_cast<float>(sum * f.slope(y[i]));
    }
  });
}

namespace {

void require_slope(const Shape& x, const Shape& slope) {
  require(x.rank() >= 2 && x[1] >= 1, "input {} has no channels; [N, C, …] was wanted", x);
  require(slope == Shape{1} || slope == Shape{x[1]}, "slope {} does not fit input {}; [1] or [{}] was wanted", slope, x, x[1]);
}

/** body(place) for every number of channel c. */
void each_of_channel(const Shape& x, int64_t c, auto&& body) {
  const int64_t points = x.inner() / x[1];
  for (int64_t n = 0; n < x[0]; ++n)
    for (int64_t p = 0; p < points; ++p) body((n * x[1] + c) * points + p);
}

}  // namespace

std::vector<Shape> PReluOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require_slope(in[0], in[1]);
  return {in[0]};
}

void PReluOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &slope = *in[1];
  parallel(x.shape()[1], 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c)
      each_of_channel(x.shape(), c, [&, a = slope[slope.size() == 1 ? 0 : c]](int64_t i) { (*out[0])[i] = x[i] > 0 ? x[i] : a * x[i]; });
  });
}

void PReluOp::gradient(GradientSite& site) const {
  if (!site.wanted(0) && !site.wanted(1)) return;
  const Value dx = site.add("backward", std::make_shared<PReluBackwardOp>(NoOptions{}), {site.in(0), site.in(1), site.upstream()});
  if (site.wanted(0)) site.give(0, dx);
  if (site.wanted(1)) site.give(1, {dx.node, 1});
}

std::vector<Shape> PReluBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  require_slope(in[0], in[1]);
  require_shape("the gradient", in[2], in[0]);
  return {in[0], in[1]};
}

void PReluBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &slope = *in[1], &dy = *in[2];
  Tensor &dx = *out[0], &dslope = *out[1];
  std::vector<double> sums(static_cast<size_t>(x.shape()[1]));
  parallel(x.shape()[1], 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      const float a = slope[slope.size() == 1 ? 0 : c];
      double sum = 0;
      each_of_channel(x.shape(), c, [&](int64_t i) {
        dx[i] = x[i] > 0 ? dy[i] : a * dy[i];
        if (!(x[i] > 0)) sum += static_cast<double>(x[i]) * dy[i];
      });
      sums[static_cast<size_t>(c)] = sum;
    }
  });
  if (slope.size() == 1) {
    double sum = 0;
    for (const double s : sums) sum += s;
    dslope[0] = static_cast<float>(sum);
  } else {
    for (size_t c = 0; c < sums.size(); ++c) dslope[static_cast<int64_t>(c)] = static_cast<float>(sums[c]);
  }
}

namespace {

void require_slopes(const RReluOptions& o, const Shape& x) {
  require(x.rank() >= 1, "input {} has no batch; [N, …] was wanted", x);
  require(std::isfinite(o.upper) && o.lower >= 0 && o.lower <= o.upper,
          "slopes from {} to {}; 0 ≤ lower ≤ upper was wanted, since the sign of y tells that of x", o.lower, o.upper);
}

/** to = from · (sign > 0 ? 1 : a) with the slopes that the run draws. */
void random_slopes(const RReluOptions& o, const Tensor& sign, const Tensor& from, Tensor& to, const RunContext& context) {
  assert(context.samples.empty() || static_cast<int64_t>(context.samples.size()) == from.shape()[0]);
  const RandomStream random(context.seed, o.stream);
  const float lower = static_cast<float>(o.lower), range = static_cast<float>(o.upper - o.lower);
  parallel(from.shape()[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const auto signs = sign.row(n), numbers = from.row(n);
      const auto result = to.row(n);
      const uint64_t part = DropoutOp::part(context, n);
      for (size_t i = 0; i < numbers.size(); ++i)
        result[i] = signs[i] > 0 ? numbers[i] : (lower + range * random.uniform(i, part)) * numbers[i];
    }
  });
}

}  // namespace

std::vector<Shape> RReluOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require_slopes(options_, in[0]);
  return {in[0]};
}

void RReluOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  random_slopes(options_, *in[0], *in[0], *out[0], context);
}

void RReluOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  site.give(0, site.add("backward", std::make_shared<RReluBackwardOp>(options_), {site.out(), site.upstream()}));
}

std::vector<Shape> RReluBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require_slopes(options_, in[0]);
  require_shape("the gradient", in[1], in[0]);
  return {in[0]};
}

void RReluBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  random_slopes(options_, *in[0], *in[1], *out[0], context);
}

}  // namespace convscope

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

/** Rows stand as `Activation::Kind` counts. */
struct Row {
  std::string_view name;
  std::string_view option;  // of its op: what `tuning` is called there
  double (*value)(double x, const Activation& f);
  double (*slope)(double y, const Activation& f);
};
constexpr Row kRows[] = {
    {ReluOp::kKind, "", [](double x, const Activation&) { return x <= 0 ? 0 : x; },  // asked this way round, NaN stays NaN
     [](double y, const Activation&) { return y > 0 ? 1.0 : 0.0; }},
    {Relu6Op::kKind, "", [](double x, const Activation&) { return between(x, 0, 6); },
     [](double y, const Activation&) { return inside(y, 0, 6); }},
    {LeakyReluOp::kKind, "slope", [](double x, const Activation& f) { return x > 0 ? x : f.tuning * x; },
     [](double y, const Activation& f) { return y > 0 ? 1 : f.tuning; }},
    {EluOp::kKind, "alpha", [](double x, const Activation& f) { return elu(x, f.tuning); },
     [](double y, const Activation& f) { return y > 0 ? 1 : y + f.tuning; }},
    {CeluOp::kKind, "alpha", [](double x, const Activation& f) { return x > 0 ? x : f.tuning * std::expm1(x / f.tuning); },
     [](double y, const Activation& f) { return y > 0 ? 1 : (y + f.tuning) / f.tuning; }},
    {SeluOp::kKind, "", [](double x, const Activation& f) { return Activation::kSeluLambda * elu(x, f.tuning); },
     [](double y, const Activation& f) { return y > 0 ? Activation::kSeluLambda : y + Activation::kSeluLambda * f.tuning; }},
    {TanhOp::kKind, "", [](double x, const Activation&) { return std::tanh(x); }, [](double y, const Activation&) { return 1 - y * y; }},
    {SigmoidOp::kKind, "", [](double x, const Activation&) { return 1 / (1 + std::exp(-x)); },
     [](double y, const Activation&) { return y * (1 - y); }},
    {ClampOp::kKind, "low", [](double x, const Activation& f) { return between(x, f.tuning, f.high); },
     [](double y, const Activation& f) { return inside(y, f.tuning, f.high); }},
};

struct InPassing {
  std::string of = "relu";
  double tuning = 0;
  double high = 0;
  void fields(auto&& field) {
    field("of", of, "the activation's name");
    field("tuning", tuning, "its slope, alpha or lower limit; 0 where it has none");
    field("high", high, "clamp's upper limit");
  }
};

Activation activation_at(const std::string& name, double tuning, double high) {
  const auto f = activation_named(name, tuning, high);
  if (f) return *f;
  std::vector<std::string> names;
  for (const Row& row : kRows) names.emplace_back(row.name);
  fail("no activation '{}'{}", name, known_names(name, names));
}

}  // namespace

double Activation::value(double x) const { return kRows[kind].value(x, *this); }
double Activation::slope(double y) const { return kRows[kind].slope(y, *this); }
std::string_view Activation::name() const { return kRows[kind].name; }

std::shared_ptr<const Op> Activation::op() const {
  Json options = json_object();
  if (const std::string option(kRows[kind].option); !option.empty()) options[option] = tuning;
  if (kind == kClamp) options["high"] = high;
  return ops().make(name(), options);
}

void Activation::check() const {
  if (kind == kClamp) {
    require(std::isfinite(tuning) && std::isfinite(high) && tuning <= high, "clamp takes two numbers, the lower one first, got {} and {}",
            tuning, high);
    return;
  }
  require(kind != kCelu || (std::isfinite(tuning) && tuning > 0), "celu takes an alpha above 0, got {}", tuning);
  require(std::isfinite(tuning) && tuning >= 0, "{} takes a slope or alpha of 0 or more, got {}", name(), tuning);
}

std::optional<Activation> activation_named(std::string_view name, double tuning, double high) {
  for (size_t i = 0; i < std::size(kRows); ++i)
    if (kRows[i].name == name) return Activation{static_cast<Activation::Kind>(i), tuning, high};
  return std::nullopt;
}

Value upstream_behind(const std::optional<Activation>& f, GradientSite& site) {
  if (!f) return site.upstream();
  return site.add("activation-backward", std::make_shared<ActivationBackwardOp>(*f), {site.out(), site.upstream()});
}

namespace detail {

Json in_passing_to_json(const std::optional<Activation>& f) {
  if (!f) return false;
  if (f->kind == Activation::kRelu) return true;
  return fields_to_json(InPassing{std::string(f->name()), f->tuning, f->high});
}

std::optional<Activation> in_passing_from_json(const Json& j) {
  if (j.is_boolean()) return j.get<bool>() ? std::optional(Activation{}) : std::nullopt;
  require(j.is_object(), "an activation in passing is true, false or an object, got {}", shown(j));
  const InPassing f = fields_from_json<InPassing>(j, "an activation in passing");
  const Activation activation = activation_at(f.of, f.tuning, f.high);
  activation.check();
  return activation;
}

std::vector<Shape> activation_shapes(const Activation& f, std::span<const Shape> in) {
  require_inputs(f.name(), in.size(), 1, 1);
  f.check();
  return {in[0]};
}

void run_activation(const Activation& f, std::span<const Tensor* const> in, std::span<Tensor* const> out) {
  parallel(in[0]->size(), kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) (*out[0])[i] = static_cast<float>(f.value((*in[0])[i]));
  });
}

void activation_gradient(const Activation& f, GradientSite& site) {
  if (!site.wanted(0)) return;
  site.give(0, site.add("backward", std::make_shared<ActivationBackwardOp>(f), {site.out(), site.upstream()}));
}

}  // namespace detail

Activation ActivationBackwardOp::activation() const { return activation_at(options_.of, options_.tuning, options_.high); }

std::vector<Shape> ActivationBackwardOp::shapes(std::span<const Shape> in) const {
  activation().check();
  require_count("upstreams", options_.upstreams, 1);
  const size_t inputs = 1 + static_cast<size_t>(options_.upstreams);
  require_inputs(kKind, in.size(), inputs, inputs);
  for (const Shape& dy : in.subspan(1)) require_shape("a gradient", dy, in[0]);
  return {in[0]};
}

void ActivationBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& y = *in[0];
  parallel(y.size(), kPiece, [&, f = activation()](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      double sum = 0;
      for (const Tensor* dy : in.subspan(1)) sum += (*dy)[i];
      const double slope = f.slope(y[i]);
      (*out[0])[i] = slope == 0 ? 0 : static_cast<float>(sum * slope);  // what is closed lets no infinity and no NaN through
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

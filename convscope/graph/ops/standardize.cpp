#include "convscope/graph/ops/standardize.h"

#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

bool over_channels(const StandardizeOptions& o) { return o.over == "channels"; }

void check(const StandardizeOptions& o, const Shape& x) {
  require_channels(x);
  require(o.over == "groups" || over_channels(o), "over is '{}'; groups or channels was wanted", o.over);
  require(std::isfinite(o.eps) && o.eps > 0, "eps is {}; a number above 0 was wanted", o.eps);
  require_count("groups", o.groups, 1);
  require(over_channels(o) || x[1] % o.groups == 0, "{} groups of {} channels", o.groups, x[1]);
}

/** Numbers that are standardised together: `count` of them, `step` apart. */
struct Set {
  int64_t first, count, step;
};

/** body(set) for each set, by all threads. */
void each_set(const StandardizeOptions& o, const Shape& x, auto&& body) {
  const int64_t plane = x.inner() / x[1];
  if (over_channels(o)) {
    parallel(x[0] * plane, 64, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) body(Set{p / plane * x.inner() + p % plane, x[1], plane});
    });
    return;
  }
  const int64_t count = x.inner() / o.groups;
  parallel(x[0] * o.groups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) body(Set{p * count, count, 1});
  });
}

struct Moments {
  double mean, factor;  // factor: 1 / √(variance + eps)
};
Moments moments(const StandardizeOptions& o, const Tensor& x, const Set& s) {
  double sum = 0, squares = 0;
  const double n = static_cast<double>(s.count);
  for (int64_t i = 0; i < s.count; ++i) sum += x[s.first + i * s.step];
  const double mean = sum / n;
  for (int64_t i = 0; i < s.count; ++i) {
    const double d = x[s.first + i * s.step] - mean;
    squares += d * d;
  }
  return {mean, 1 / std::sqrt(squares / n + o.eps)};
}

}  // namespace

std::vector<Shape> StandardizeOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  check(options_, in[0]);
  return {in[0]};
}

void StandardizeOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& x = *in[0];
  each_set(options_, x.shape(), [&](const Set& s) {
    const Moments m = moments(options_, x, s);
    for (int64_t i = 0; i < s.count; ++i) {
      const int64_t k = s.first + i * s.step;
      (*out[0])[k] = static_cast<float>((x[k] - m.mean) * m.factor);
    }
  });
}

void StandardizeOp::gradient(GradientSite& site) const {
  if (site.wanted(0)) site.give(0, site.add("backward", std::make_shared<StandardizeBackwardOp>(options_), {site.in(0), site.upstream()}));
}

std::vector<Shape> StandardizeBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  check(options_, in[0]);
  require_shape("the gradient", in[1], in[0]);
  return {in[0]};
}

void StandardizeBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &dy = *in[1];
  each_set(options_, x.shape(), [&](const Set& s) {
    const Moments m = moments(options_, x, s);
    const double n = static_cast<double>(s.count);
    double mean_slope = 0, mean_product = 0;
    for (int64_t i = 0; i < s.count; ++i) {
      const int64_t k = s.first + i * s.step;
      mean_slope += dy[k] / n;
      mean_product += dy[k] * (x[k] - m.mean) * m.factor / n;
    }
    for (int64_t i = 0; i < s.count; ++i) {
      const int64_t k = s.first + i * s.step;
      (*out[0])[k] = static_cast<float>((dy[k] - mean_slope - (x[k] - m.mean) * m.factor * mean_product) * m.factor);
    }
  });
}

std::vector<Shape> StandardizeHeldBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  check(options_, in[0]);
  require_shape("the gradient", in[1], in[0]);
  return {in[0]};
}

void StandardizeHeldBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &dy = *in[1];
  each_set(options_, x.shape(), [&](const Set& s) {
    const Moments m = moments(options_, x, s);
    double mean_slope = 0;
    for (int64_t i = 0; i < s.count; ++i) mean_slope += dy[s.first + i * s.step] / static_cast<double>(s.count);
    for (int64_t i = 0; i < s.count; ++i) {
      const int64_t k = s.first + i * s.step;
      (*out[0])[k] = static_cast<float>((dy[k] - mean_slope) * m.factor);
    }
  });
}

std::vector<Shape> StandardizeLiftOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  check(options_, in[0]);
  for (const Shape& other : in.subspan(1)) require_shape("an input", other, in[0]);
  return {in[0]};
}

void StandardizeLiftOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &from = *in[1], &dy = *in[2];
  each_set(options_, x.shape(), [&](const Set& s) {
    const Moments now = moments(options_, x, s), before = moments(options_, from, s);
    const double n = static_cast<double>(s.count), r = now.factor, q = before.factor;
    const auto centred = [&](int64_t k) { return x[k] - now.mean + from[k] - before.mean; };  // c + c'
    double pull = 0, mean = 0;
    for (int64_t i = 0; i < s.count; ++i) pull += 0.5 * dy[s.first + i * s.step] * centred(s.first + i * s.step);
    pull *= -(r * q) * (r * q) / (r + q) / n;
    const auto multiplier = [&](int64_t k) { return 0.5 * (r + q) * dy[k] + pull * centred(k); };
    for (int64_t i = 0; i < s.count; ++i) mean += multiplier(s.first + i * s.step) / n;
    for (int64_t i = 0; i < s.count; ++i) {
      const int64_t k = s.first + i * s.step;
      (*out[0])[k] = static_cast<float>(multiplier(k) - mean);
    }
  });
}

}  // namespace convscope

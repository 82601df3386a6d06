#include "convscope/graph/ops/lrn.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

void check(const LrnOptions& o, const Shape& x) {
  require_images(x);
  require_count("size", o.size, 1);
  require(std::isfinite(o.alpha) && o.alpha >= 0, "alpha is {}; 0 or more was wanted", o.alpha);
  require(std::isfinite(o.beta) && o.beta >= 0, "beta is {}; 0 or more was wanted", o.beta);
  require(std::isfinite(o.bias) && o.bias > 0, "bias is {}; a number above 0 was wanted", o.bias);
}

/** Channels around c, those behind `end` excluded. */
struct Neighbours {
  int64_t begin, end;
};
Neighbours window(const LrnOptions& o, int64_t c, int64_t channels) {
  return {std::max<int64_t>(0, c - (o.size - 1) / 2), std::min(channels, c + o.size / 2 + 1)};
}
/** Those whose windows hold c: the same, seen from the other side. */
Neighbours holders(const LrnOptions& o, int64_t c, int64_t channels) {
  return {std::max<int64_t>(0, c - o.size / 2), std::min(channels, c + (o.size - 1) / 2 + 1)};
}

/** body(first place, step from channel to channel) for each point of each image. */
void each_point(const Shape& x, auto&& body) {
  const int64_t plane = x[2] * x[3];
  parallel(x[0] * plane, 64, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) body(p / plane * x[1] * plane + p % plane, plane);
  });
}

double divisor(const LrnOptions& o, const Tensor& x, int64_t first, int64_t step, int64_t c) {
  const Neighbours n = window(o, c, x.shape()[1]);
  double sum = 0;
  for (int64_t k = n.begin; k < n.end; ++k) sum += static_cast<double>(x[first + k * step]) * x[first + k * step];
  return o.bias + o.alpha / static_cast<double>(o.size) * sum;
}

}  // namespace

std::vector<Shape> LrnOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  check(options_, in[0]);
  return {in[0]};
}

void LrnOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& x = *in[0];
  each_point(x.shape(), [&](int64_t first, int64_t step) {
    for (int64_t c = 0; c < x.shape()[1]; ++c) {
      const int64_t i = first + c * step;
      (*out[0])[i] = static_cast<float>(x[i] * std::pow(divisor(options_, x, first, step, c), -options_.beta));
    }
  });
}

void LrnOp::gradient(GradientSite& site) const {
  if (site.wanted(0)) site.give(0, site.add("backward", std::make_shared<LrnBackwardOp>(options_), {site.in(0), site.upstream()}));
}

std::vector<Shape> LrnBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  check(options_, in[0]);
  require_shape("the gradient", in[1], in[0]);
  return {in[0]};
}

void LrnBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &dy = *in[1];
  const int64_t channels = x.shape()[1];
  const double share = 2 * options_.alpha * options_.beta / static_cast<double>(options_.size);
  each_point(x.shape(), [&](int64_t first, int64_t step) {
    std::vector<double> d(static_cast<size_t>(channels)), pull(static_cast<size_t>(channels));
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t i = first + c * step;
      const size_t k = static_cast<size_t>(c);
      d[k] = divisor(options_, x, first, step, c);
      pull[k] = static_cast<double>(dy[i]) * x[i] * std::pow(d[k], -options_.beta - 1);
    }
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t i = first + c * step;
      const Neighbours n = holders(options_, c, channels);
      double sum = 0;
      for (int64_t k = n.begin; k < n.end; ++k) sum += pull[static_cast<size_t>(k)];
      (*out[0])[i] = static_cast<float>(dy[i] * std::pow(d[static_cast<size_t>(c)], -options_.beta) - share * x[i] * sum);
    }
  });
}

std::vector<Shape> LrnLiftOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  check(options_, in[0]);
  for (const Shape& other : in.subspan(1)) require_shape("an input", other, in[0]);
  return {in[0]};
}

void LrnLiftOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &from = *in[1], &dy = *in[2];
  const int64_t channels = x.shape()[1];
  const double share = options_.alpha / static_cast<double>(options_.size);
  each_point(x.shape(), [&](int64_t first, int64_t step) {
    std::vector<double> factor(static_cast<size_t>(channels)), pull(static_cast<size_t>(channels));
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t i = first + c * step;
      const double d = divisor(options_, x, first, step, c), before = divisor(options_, from, first, step, c);
      const double q = std::pow(d, -options_.beta), q_before = std::pow(before, -options_.beta);
      const bool apart = std::abs(d - before) > 1e-6 * d;
      const double secant = apart ? (q - q_before) / (d - before) : -options_.beta * q / d;
      factor[static_cast<size_t>(c)] = 0.5 * (q + q_before);
      pull[static_cast<size_t>(c)] = 0.5 * dy[i] * (static_cast<double>(x[i]) + from[i]) * secant;
    }
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t i = first + c * step;
      const Neighbours n = holders(options_, c, channels);
      double sum = 0;
      for (int64_t k = n.begin; k < n.end; ++k) sum += pull[static_cast<size_t>(k)];
      (*out[0])[i] = static_cast<float>(factor[static_cast<size_t>(c)] * dy[i] + share * (static_cast<double>(x[i]) + from[i]) * sum);
    }
  });
}

}  // namespace convscope

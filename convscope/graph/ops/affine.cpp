#include "convscope/graph/ops/affine.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {
void check_factor(std::string_view what, const Shape& factor, const Shape& x) {
  require(factor == Shape{x[1]} || factor == Shape{x[1], x[2], x[3]}, "{} {} does not fit {}; it must be [{}] or [{}, {}, {}]", what,
          factor, x, x[1], x[1], x[2], x[3]);
}

/** Which element of a [C] or [C, H, W] factor belongs to element `i` of an image of shape `x`. */
int64_t of_factor(const Tensor& factor, const Shape& x, int64_t i) { return factor.shape().rank() == 1 ? i / (x[2] * x[3]) : i; }
}  // namespace

std::vector<Shape> AffineOp::shapes(std::span<const Shape> in) const {
  const size_t count = options_.residual ? 4 : 3;
  require_inputs(kKind, in.size(), count, count);
  const Shape& x = in[0];
  require_images(x);
  check_factor("scale", in[1], x);
  check_factor("shift", in[2], x);
  require_shape("shift", in[2], in[1]);
  if (options_.residual) require_shape("the residual", in[3], x);
  return {x};
}

void AffineOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &scale = *in[1], &shift = *in[2];
  const int64_t image = x.shape().inner();
  parallel(x.shape()[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * image; i < end * image; ++i) {
      const int64_t f = of_factor(scale, x.shape(), i % image);
      const double value = static_cast<double>(x[i]) * scale[f] + shift[f] + (options_.residual ? (*in[3])[i] : 0.0);
      (*out[0])[i] = static_cast<float>(activated(options_.activation, value));
    }
  });
}

void AffineOp::gradient(GradientSite& site) const {
  require(!site.wanted(1) && !site.wanted(2), "scale and shift of an affine are constants; gradients for them come from the training form");
  const Value dy = upstream_behind(options_.activation, site);
  if (site.wanted(0)) site.give(0, site.add("backward-data", std::make_shared<ScaleOp>(NoOptions{}), {dy, site.in(1)}));
  if (options_.residual && site.wanted(3)) site.give(3, dy);
}

std::vector<Shape> ScaleOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require_images(in[0]);
  check_factor("scale", in[1], in[0]);
  return {in[0]};
}

void ScaleOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &dy = *in[0], &scale = *in[1];
  const int64_t image = dy.shape().inner();
  parallel(dy.shape()[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * image; i < end * image; ++i) (*out[0])[i] = dy[i] * scale[of_factor(scale, dy.shape(), i % image)];
  });
}

std::vector<Shape> NormalizeOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  const Shape& x = in[0];
  require_images(x);
  const auto check = [&](std::string_view name, const std::vector<double>& values) {
    require(static_cast<int64_t>(values.size()) == x[1], "input {} has {} channels, '{}' has {} numbers; one a channel is wanted", x, x[1],
            name, values.size());
    for (const double value : values) require(std::isfinite(value), "'{}' holds {}, which is no number", name, value);
  };
  check("mean", options_.mean);
  check("std", options_.std);
  for (const double deviation : options_.std) require(deviation > 0, "a standard deviation is {}; it must be above 0", deviation);
  return {x};
}

void NormalizeOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& x = *in[0];
  const int64_t channels = x.shape()[1], plane = x.shape()[2] * x.shape()[3];
  parallel(x.shape()[0] * channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const size_t c = static_cast<size_t>(i % channels);
      for (int64_t j = i * plane; j < (i + 1) * plane; ++j) (*out[0])[j] = static_cast<float>((x[j] - options_.mean[c]) / options_.std[c]);
    }
  });
}

void NormalizeOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const NormalizeOptions options{.mean = std::vector<double>(options_.std.size(), 0.0), .std = options_.std};
  site.give(0, site.add("backward-data", std::make_shared<NormalizeOp>(options), {site.upstream()}));
}

}  // namespace convscope

#include "convscope/graph/ops/downsample.h"

#include <algorithm>

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

Shape downsampled(const LineFilterOptions& o, const Shape& x) {
  require_images(x);
  o.check("downsample");
  require(x[2] <= kLongestLine && x[3] <= kLongestLine, "input {} has lines of more than {} numbers", x, kLongestLine);
  if (o.dense) return x;
  return {x[0], x[1], kept_samples(x[2], o.rate), kept_samples(x[3], o.rate)};
}

void filter_planes(const LineMatrix& down, const LineMatrix& across, const Tensor& x, Tensor& y) {
  const size_t from = static_cast<size_t>(down.columns * across.columns);
  const int64_t to = down.rows() * across.rows();
  parallel(x.shape()[0] * x.shape()[1], 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const std::vector<double> plane = filtered_plane(down, across, x.span().subspan(static_cast<size_t>(p) * from, from));
      std::transform(plane.begin(), plane.end(), y.data() + p * to, [](double v) { return static_cast<float>(v); });
    }
  });
}

}  // namespace

std::vector<Shape> DownsampleOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  return {downsampled(options_, in[0])};
}

void DownsampleOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape& x = in[0]->shape();
  filter_planes(line_matrix(options_, x[2]), line_matrix(options_, x[3]), *in[0], *out[0]);
}

void DownsampleOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const Shape& x = site.shape(site.in(0));
  const DownsampleBackwardOptions options{options_, x[2], x[3]};
  site.give(0, site.add("backward", std::make_shared<DownsampleBackwardOp>(options), {site.upstream()}));
}

int64_t DownsampleOp::macs(std::span<const Shape> in, std::span<const Shape> out) const {
  const Shape &x = in[0], &y = out[0];
  const auto taps = [&](int64_t extent) { return static_cast<int64_t>(line_matrix(options_, extent).places.size()); };
  return x[0] * x[1] * (taps(x[2]) * x[3] + y[2] * taps(x[3]));
}

std::vector<Shape> DownsampleBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require_images(in[0]);
  require_count("rows", options_.rows, 1);
  require_count("columns", options_.columns, 1);
  const Shape x = {in[0][0], in[0][1], options_.rows, options_.columns};
  require_shape("the gradient", in[0], downsampled(options_, x));
  return {x};
}

void DownsampleBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  filter_planes(line_matrix(options_, options_.rows).transposed(), line_matrix(options_, options_.columns).transposed(), *in[0], *out[0]);
}

}  // namespace convscope

#include "convscope/graph/ops/resample.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

void check_axis(std::string_view what, int64_t taps, const std::vector<int64_t>& places, const std::vector<double>& weights,
                int64_t extent) {
  require(!places.empty() && static_cast<int64_t>(places.size()) % taps == 0, "{} {}; a multiple of {} was wanted", places.size(), what,
          taps);
  require(weights.empty() || weights.size() == places.size(), "{} weights for {} {}", weights.size(), places.size(), what);
  for (const int64_t p : places) require(p >= 0 && p < extent, "{}: {} of {}", what, p, extent);
  for (const double w : weights) require(std::isfinite(w), "{}: a weight that is not finite", what);
}

/** Extents of y for an x of `height` × `width`. */
std::pair<int64_t, int64_t> sampled(const ResampleOptions& o, int64_t height, int64_t width) {
  require_count("taps", o.taps, 1);
  check_axis("rows", o.taps, o.rows, o.row_weights, height);
  check_axis("columns", o.taps, o.columns, o.column_weights, width);
  return {static_cast<int64_t>(o.rows.size()) / o.taps, static_cast<int64_t>(o.columns.size()) / o.taps};
}

double weight(const std::vector<double>& weights, int64_t i) { return weights.empty() ? 1 : weights[static_cast<size_t>(i)]; }

/** body(place in x's plane, place in y's plane, weight) for all that goes from x to y. */
void each_tap(const ResampleOptions& o, int64_t width, auto&& body) {
  const int64_t height = static_cast<int64_t>(o.rows.size()) / o.taps, columns = static_cast<int64_t>(o.columns.size()) / o.taps;
  for (int64_t i = 0; i < height; ++i)
    for (int64_t a = i * o.taps; a < (i + 1) * o.taps; ++a) {
      const double of_row = weight(o.row_weights, a);
      if (of_row == 0) continue;
      const int64_t row = o.rows[static_cast<size_t>(a)] * width;
      for (int64_t j = 0; j < columns; ++j)
        for (int64_t b = j * o.taps; b < (j + 1) * o.taps; ++b)
          body(row + o.columns[static_cast<size_t>(b)], i * columns + j, of_row * weight(o.column_weights, b));
    }
}

/** Sums in double, plane by plane. */
void run_planes(int64_t planes, int64_t to_plane, Tensor& to, auto&& add) {
  parallel(planes, 1, [&](int64_t begin, int64_t end) {
    std::vector<double> sums(static_cast<size_t>(to_plane));
    for (int64_t p = begin; p < end; ++p) {
      std::fill(sums.begin(), sums.end(), 0.0);
      add(p, sums);
      for (int64_t i = 0; i < to_plane; ++i) to[p * to_plane + i] = static_cast<float>(sums[static_cast<size_t>(i)]);
    }
  });
}

}  // namespace

std::vector<Shape> ResampleOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require_images(in[0]);
  const auto [rows, columns] = sampled(options_, in[0][2], in[0][3]);
  return {{in[0][0], in[0][1], rows, columns}};
}

void ResampleOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape x = in[0]->shape(), y = out[0]->shape();
  run_planes(x[0] * x[1], y[2] * y[3], *out[0], [&](int64_t p, std::vector<double>& sums) {
    const float* from = in[0]->data() + p * x[2] * x[3];
    each_tap(options_, x[3], [&](int64_t i, int64_t k, double w) { sums[static_cast<size_t>(k)] += w * from[i]; });
  });
}

void ResampleOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const Shape& x = site.shape(site.in(0));
  const ResampleBackwardOptions options{options_, x[2], x[3]};
  site.give(0, site.add("backward", std::make_shared<ResampleBackwardOp>(options), {site.upstream()}));
}

int64_t ResampleOp::macs(std::span<const Shape>, std::span<const Shape> out) const {
  return options_.row_weights.empty() && options_.column_weights.empty() ? 0 : out[0].size() * options_.taps * options_.taps;
}

std::vector<Shape> ResampleBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require_images(in[0]);
  require_count("height", options_.height, 1);
  require_count("width", options_.width, 1);
  const auto [rows, columns] = sampled(options_, options_.height, options_.width);
  require_shape("the gradient", in[0], {in[0][0], in[0][1], rows, columns});
  return {{in[0][0], in[0][1], options_.height, options_.width}};
}

void ResampleBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape y = in[0]->shape(), x = out[0]->shape();
  run_planes(x[0] * x[1], x[2] * x[3], *out[0], [&](int64_t p, std::vector<double>& sums) {
    const float* from = in[0]->data() + p * y[2] * y[3];
    each_tap(options_, x[3], [&](int64_t i, int64_t k, double w) { sums[static_cast<size_t>(i)] += w * from[k]; });
  });
}

}  // namespace convscope

#include "convscope/graph/ops/pool.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

int64_t pooled_extent(int64_t extent, int64_t kernel, int64_t stride, int64_t pad, bool ceil) {
  const int64_t room = extent + 2 * pad - kernel + (ceil ? stride - 1 : 0);
  if (room < 0) return 0;
  const int64_t windows = room / stride + 1;
  return ceil && (windows - 1) * stride >= extent + pad ? windows - 1 : windows;
}

namespace {

/** One window along one axis: the part of it that lies on the picture, and its length with padding but without what is beyond. */
struct Window {
  int64_t begin, end;
  int64_t padded_length;
};

/** Rows of the window, or columns. */
int64_t kernel_of(const auto& pool, int axis) {
  if constexpr (requires { pool.kernel_columns; })
    if (axis == 3 && pool.kernel_columns > 0) return pool.kernel_columns;
  return pool.kernel;
}

Window window_at(int64_t place, int64_t extent, const auto& pool, int axis) {
  const int64_t begin = place * pool.stride - pool.pad, end = begin + kernel_of(pool, axis);
  return {std::max<int64_t>(begin, 0), std::min(end, extent), std::min(end, extent + pool.pad) - begin};
}

/** body(place in y's plane, rows, columns) for every window of a plane. */
void each_window(const Shape& x, const Shape& y, const auto& pool, auto&& body) {
  for (int64_t i = 0; i < y[2]; ++i)
    for (int64_t j = 0; j < y[3]; ++j) body(i * y[3] + j, window_at(i, x[2], pool, 2), window_at(j, x[3], pool, 3));
}

Shape pooled_shape(const Shape& x, const auto& pool) {
  require_images(x);
  require_count("kernel", pool.kernel, 1);
  require_count("stride", pool.stride, 1);
  require_count("pad", pool.pad, 0);
  // Every window then has a pixel in it: something to be the largest, something to divide by.
  Shape y = x;
  for (const int axis : {2, 3}) {
    const int64_t kernel = kernel_of(pool, axis);
    require_count("kernel", kernel, 1);
    require(pool.pad <= kernel / 2, "pad {} is more than half of kernel {}; windows of padding alone have no value", pool.pad, kernel);
    y[axis] = pooled_extent(x[axis], kernel, pool.stride, pool.pad, pool.ceil);
    require(y[axis] >= 1, "kernel {} does not fit into input {} with pad {}; use fewer pools or larger images", kernel, x, pool.pad);
  }
  return y;
}

/** [N, C, H, W] of the picture whose pooled gradient `dy` is. */
Shape unpooled_shape(const Shape& dy, const auto& plane) {
  require_images(dy);
  require_count("rows", plane.rows, 1);
  require_count("columns", plane.columns, 1);
  return {dy[0], dy[1], plane.rows, plane.columns};
}

int64_t planes(const Shape& x) { return x[0] * x[1]; }
int64_t plane_size(const Shape& x) { return x[2] * x[3]; }

/** Where in the plane the first largest number of a window is. NaN counts as largest: a network that broke down must show it. */
int64_t first_largest(const float* plane, int64_t width, const Window& rows, const Window& columns) {
  int64_t best = rows.begin * width + columns.begin;
  for (int64_t h = rows.begin; h < rows.end; ++h) {
    for (int64_t w = columns.begin; w < columns.end; ++w) {
      const float v = plane[h * width + w];
      if (v > plane[best] || (std::isnan(v) && !std::isnan(plane[best]))) best = h * width + w;
    }
  }
  return best;
}

double divisor(const Window& rows, const Window& columns, bool count_include_pad) {
  return static_cast<double>(count_include_pad ? rows.padded_length * columns.padded_length
                                               : (rows.end - rows.begin) * (columns.end - columns.begin));
}

}  // namespace

std::vector<Shape> MaxPoolOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  return {pooled_shape(in[0], options_)};
}

void MaxPoolOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape x = in[0]->shape(), y = out[0]->shape();
  parallel(planes(x), 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const float* from = in[0]->data() + p * plane_size(x);
      float* to = out[0]->data() + p * plane_size(y);
      each_window(x, y, options_, [&](int64_t place, const Window& rows, const Window& columns) {
        to[place] = from[first_largest(from, x[3], rows, columns)];
      });
    }
  });
}

void MaxPoolOp::gradient(GradientSite& site) const {
  if (site.wanted(0)) site.give(0, site.add("backward", std::make_shared<MaxPoolBackwardOp>(options_), {site.in(0), site.upstream()}));
}

std::vector<Shape> MaxPoolBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require_shape("the gradient", in[1], pooled_shape(in[0], options_));
  return {in[0]};
}

void MaxPoolBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape x = in[0]->shape(), y = in[1]->shape();
  parallel(planes(x), 1, [&](int64_t begin, int64_t end) {
    std::vector<double> dx(static_cast<size_t>(plane_size(x)));  // windows may overlap: sums
    for (int64_t p = begin; p < end; ++p) {
      const float* from = in[0]->data() + p * plane_size(x);
      const float* dy = in[1]->data() + p * plane_size(y);
      std::fill(dx.begin(), dx.end(), 0.0);
      each_window(x, y, options_, [&](int64_t place, const Window& rows, const Window& columns) {
        dx[static_cast<size_t>(first_largest(from, x[3], rows, columns))] += dy[place];
      });
      std::transform(dx.begin(), dx.end(), out[0]->data() + p * plane_size(x), [](double v) { return static_cast<float>(v); });
    }
  });
}

std::vector<Shape> MaxPoolLiftOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  require_shape("the reference", in[1], in[0]);
  require_shape("the gradient", in[2], pooled_shape(in[0], options_));
  return {in[0]};
}

void MaxPoolLiftOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape x = in[0]->shape(), y = in[2]->shape();
  parallel(planes(x), 1, [&](int64_t begin, int64_t end) {
    std::vector<double> m(static_cast<size_t>(plane_size(x)));  // windows may overlap: sums
    for (int64_t p = begin; p < end; ++p) {
      const float *now = in[0]->data() + p * plane_size(x), *before = in[1]->data() + p * plane_size(x);
      const float* dy = in[2]->data() + p * plane_size(y);
      std::fill(m.begin(), m.end(), 0.0);
      each_window(x, y, options_, [&](int64_t place, const Window& rows, const Window& columns) {
        const int64_t here = first_largest(now, x[3], rows, columns), there = first_largest(before, x[3], rows, columns);
        const double rise = static_cast<double>(now[here]) - before[there];
        const int64_t mover = rise >= 0 ? here : there;  // it moved at least as far
        const double moved = static_cast<double>(now[mover]) - before[mover];
        m[static_cast<size_t>(mover)] += dy[place] * (moved == 0 ? 1 : rise / moved);
      });
      std::transform(m.begin(), m.end(), out[0]->data() + p * plane_size(x), [](double v) { return static_cast<float>(v); });
    }
  });
}

std::vector<Shape> AvgPoolOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  return {pooled_shape(in[0], options_)};
}

void AvgPoolOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape x = in[0]->shape(), y = out[0]->shape();
  parallel(planes(x), 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const float* from = in[0]->data() + p * plane_size(x);
      float* to = out[0]->data() + p * plane_size(y);
      each_window(x, y, options_, [&](int64_t place, const Window& rows, const Window& columns) {
        double sum = 0;
        for (int64_t h = rows.begin; h < rows.end; ++h)
          for (int64_t w = columns.begin; w < columns.end; ++w) sum += from[h * x[3] + w];
        to[place] = static_cast<float>(sum / divisor(rows, columns, options_.count_include_pad));
      });
    }
  });
}

void AvgPoolOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const Shape& x = site.shape(site.in(0));
  site.give(0, site.add("backward", std::make_shared<AvgPoolBackwardOp>(AvgPoolBackwardOptions{options_, x[2], x[3]}), {site.upstream()}));
}

std::vector<Shape> AvgPoolBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  const Shape x = unpooled_shape(in[0], options_);
  require_shape("the gradient", in[0], pooled_shape(x, options_));
  return {x};
}

void AvgPoolBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape x = out[0]->shape(), y = in[0]->shape();
  parallel(planes(x), 1, [&](int64_t begin, int64_t end) {
    std::vector<double> dx(static_cast<size_t>(plane_size(x)));
    for (int64_t p = begin; p < end; ++p) {
      const float* dy = in[0]->data() + p * plane_size(y);
      std::fill(dx.begin(), dx.end(), 0.0);
      each_window(x, y, options_, [&](int64_t place, const Window& rows, const Window& columns) {
        const double share = dy[place] / divisor(rows, columns, options_.count_include_pad);
        for (int64_t h = rows.begin; h < rows.end; ++h)
          for (int64_t w = columns.begin; w < columns.end; ++w) dx[static_cast<size_t>(h * x[3] + w)] += share;
      });
      std::transform(dx.begin(), dx.end(), out[0]->data() + p * plane_size(x), [](double v) { return static_cast<float>(v); });
    }
  });
}

std::vector<Shape> GlobalAvgPoolOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require_images(in[0]);
  return {{in[0][0], in[0][1], 1, 1}};
}

void GlobalAvgPoolOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape x = in[0]->shape();
  parallel(planes(x), 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      double sum = 0;
      for (int64_t i = 0; i < plane_size(x); ++i) sum += (*in[0])[p * plane_size(x) + i];
      (*out[0])[p] = static_cast<float>(sum / static_cast<double>(plane_size(x)));
    }
  });
}

void GlobalAvgPoolOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const Shape& x = site.shape(site.in(0));
  site.give(0, site.add("backward", std::make_shared<GlobalAvgPoolBackwardOp>(PlaneOptions{x[2], x[3]}), {site.upstream()}));
}

std::vector<Shape> GlobalAvgPoolBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  const Shape x = unpooled_shape(in[0], options_);
  require_shape("the gradient", in[0], {x[0], x[1], 1, 1});
  return {x};
}

void GlobalAvgPoolBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape x = out[0]->shape();
  for (int64_t p = 0; p < planes(x); ++p) {
    const double share = (*in[0])[p] / static_cast<double>(plane_size(x));
    std::fill_n(out[0]->data() + p * plane_size(x), plane_size(x), static_cast<float>(share));
  }
}

}  // namespace convscope

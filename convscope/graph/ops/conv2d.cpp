#include "convscope/graph/ops/conv2d.h"

#include <algorithm>

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {
void check_options(const auto& o) {
  require_count("stride", o.stride, 1);
  require_count("pad", o.pad, 0);
  require_count("dilation", o.dilation, 1);
  require_count("groups", o.groups, 1);
}

void check_weight(const Shape& weight) {
  require(weight.rank() == 4, "weight {} has {} extents; [K, C / groups, R, S] was wanted", weight, weight.rank());
  for (const int64_t extent : weight.extents()) require_count("an extent of the weight", extent, 1);
}

/** Places that a window of `kernel` samples takes along `size` ones. */
int64_t places(int64_t size, int64_t kernel, const auto& o) {
  require_count("the image's extent", size, 1);
  const int64_t span = o.dilation * (kernel - 1) + 1;
  require(size + 2 * o.pad >= span,
          "a window of {} samples at distance {} spans {}, more than the {} samples with {} of padding on each side", kernel, o.dilation,
          span, size, o.pad);
  return (size + 2 * o.pad - span) / o.stride + 1;
}

/** What y would be; checks everything between x and weight. */
Shape convolved(const Shape& x, const Shape& weight, const auto& o) {
  check_options(o);
  require_images(x);
  check_weight(weight);
  require(x[1] == weight[1] * o.groups, "input {} has {} channels, weight {} wants {}; look at the filters of the layer before it", x, x[1],
          weight, weight[1] * o.groups);
  require(weight[0] % o.groups == 0, "weight {} has {} filters, which {} groups cannot share evenly", weight, weight[0], o.groups);
  return {x[0], weight[0], places(x[2], weight[2], o), places(x[3], weight[3], o)};
}

/** The pairs (place of y, place of x) of one plane that meet in the sample (r, s) of the window. Padding meets nothing. */
template <typename Body>
void each_meeting(const Shape& y, const Shape& x, int64_t r, int64_t s, const auto& o, Body body) {
  for (int64_t row = 0; row < y[2]; ++row) {
    const int64_t x_row = row * o.stride - o.pad + r * o.dilation;
    if (x_row < 0 || x_row >= x[2]) continue;
    for (int64_t column = 0; column < y[3]; ++column) {
      const int64_t x_column = column * o.stride - o.pad + s * o.dilation;
      if (x_column >= 0 && x_column < x[3]) body(row * y[3] + column, x_row * x[3] + x_column);
    }
  }
}

const float* plane(const Tensor& t, int64_t n, int64_t c) { return t.data() + (n * t.shape()[1] + c) * t.shape()[2] * t.shape()[3]; }
float* plane(Tensor& t, int64_t n, int64_t c) { return t.data() + (n * t.shape()[1] + c) * t.shape()[2] * t.shape()[3]; }
}  // namespace

std::vector<Shape> Conv2dOp::shapes(std::span<const Shape> in) const {
  const size_t count = 2 + (options_.bias ? 1 : 0) + (options_.residual ? 1 : 0);
  require_inputs(kKind, in.size(), count, count);
  const Shape y = convolved(in[0], in[1], options_);
  if (options_.bias) require_shape("bias", in[2], {y[1]});
  if (options_.residual)
    require(in.back() == y, "the residual is {}, the convolution makes {}; they must be equal to be added", in.back(), y);
  return {y};
}

void Conv2dOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &weight = *in[1];
  Tensor& y = *out[0];
  const Shape &xs = x.shape(), &ws = weight.shape(), &ys = y.shape();
  const int64_t filters = ys[1], filters_of_group = filters / options_.groups;

  parallel(ys[0] * filters, 1, [&](int64_t begin, int64_t end) {
    std::vector<double> sum(static_cast<size_t>(ys[2] * ys[3]));
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / filters, k = i % filters, first = k / filters_of_group * ws[1];
      std::fill(sum.begin(), sum.end(), options_.bias ? (*in[2])[k] : 0.0);
      const float* w = plane(weight, k, 0);
      for (int64_t c = 0; c < ws[1]; ++c) {
        const float* from = plane(x, n, first + c);
        for (int64_t r = 0; r < ws[2]; ++r)
          for (int64_t s = 0; s < ws[3]; ++s, ++w)
            each_meeting(ys, xs, r, s, options_,
                         [&](int64_t of_y, int64_t of_x) { sum[static_cast<size_t>(of_y)] += static_cast<double>(*w) * from[of_x]; });
      }
      float* to = plane(y, n, k);
      const float* residual = options_.residual ? plane(*in.back(), n, k) : nullptr;
      for (size_t j = 0; j < sum.size(); ++j) {
        const double value = sum[j] + (residual ? residual[j] : 0.0);
        to[j] = static_cast<float>(activated(options_.activation, value));
      }
    }
  });
}

void Conv2dOp::gradient(GradientSite& site) const {
  const Shape x = site.shape(site.in(0)), weight = site.shape(site.in(1));
  const Value dy = upstream_behind(options_.activation, site);
  if (options_.residual && site.wanted(site.inputs() - 1)) site.give(site.inputs() - 1, dy);
  if (site.wanted(0)) {
    const Conv2dBackwardDataOptions options{.stride = options_.stride,
                                            .pad = options_.pad,
                                            .dilation = options_.dilation,
                                            .groups = options_.groups,
                                            .rows = x[2],
                                            .columns = x[3]};
    site.give(0, site.add("backward-data", std::make_shared<Conv2dBackwardDataOp>(options), {dy, site.in(1)}));
  }
  const bool of_bias = options_.bias && site.wanted(2);
  if (site.wanted(1) || of_bias) {
    const Conv2dBackwardWeightsOptions options{.stride = options_.stride,
                                               .pad = options_.pad,
                                               .dilation = options_.dilation,
                                               .groups = options_.groups,
                                               .kernel_rows = weight[2],
                                               .kernel_columns = weight[3],
                                               .bias = of_bias};
    const Value both = site.add("backward-weights", std::make_shared<Conv2dBackwardWeightsOp>(options), {site.in(0), dy});
    if (site.wanted(1)) site.give(1, both);
    if (of_bias) site.give(2, {both.node, 1});
  }
}

int64_t Conv2dOp::macs(std::span<const Shape> in, std::span<const Shape> out) const { return out[0].size() * in[1].inner(); }

std::vector<Shape> Conv2dBackwardDataOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  const Shape &dy = in[0], &weight = in[1];
  check_options(options_);
  require(dy.rank() == 4, "upstream gradient {} has {} extents; 4 were wanted", dy, dy.rank());
  check_weight(weight);
  require_count("rows", options_.rows, 1);
  require_count("columns", options_.columns, 1);
  const Shape x{dy[0], weight[1] * options_.groups, options_.rows, options_.columns};
  const Shape y = convolved(x, weight, options_);
  require(dy == y, "upstream gradient is {}, but the convolution of {} with weight {} makes {}", dy, x, weight, y);
  return {x};
}

void Conv2dBackwardDataOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &dy = *in[0], &weight = *in[1];
  Tensor& dx = *out[0];
  const Shape &ys = dy.shape(), &ws = weight.shape(), &xs = dx.shape();
  const int64_t channels = xs[1], filters_of_group = ws[0] / options_.groups;

  parallel(xs[0] * channels, 1, [&](int64_t begin, int64_t end) {
    std::vector<double> sum(static_cast<size_t>(xs[2] * xs[3]));
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / channels, c = i % channels, group = c / ws[1];
      std::fill(sum.begin(), sum.end(), 0.0);
      for (int64_t k = group * filters_of_group; k < (group + 1) * filters_of_group; ++k) {
        const float* from = plane(dy, n, k);
        const float* w = plane(weight, k, c % ws[1]);
        for (int64_t r = 0; r < ws[2]; ++r)
          for (int64_t s = 0; s < ws[3]; ++s, ++w)
            each_meeting(ys, xs, r, s, options_,
                         [&](int64_t of_y, int64_t of_x) { sum[static_cast<size_t>(of_x)] += static_cast<double>(*w) * from[of_y]; });
      }
      float* to = plane(dx, n, c);
      for (size_t j = 0; j < sum.size(); ++j) to[j] = static_cast<float>(sum[j]);
    }
  });
}

int64_t Conv2dBackwardDataOp::macs(std::span<const Shape> in, std::span<const Shape>) const { return in[0].size() * in[1].inner(); }

std::vector<Shape> Conv2dBackwardWeightsOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  const Shape &x = in[0], &dy = in[1];
  check_options(options_);
  require_images(x);
  require(dy.rank() == 4, "upstream gradient {} has {} extents; 4 were wanted", dy, dy.rank());
  require(x[1] % options_.groups == 0, "input {} has {} channels, which {} groups cannot share evenly", x, x[1], options_.groups);
  require_count("kernel_rows", options_.kernel_rows, 1);
  require_count("kernel_columns", options_.kernel_columns, 1);
  const Shape weight{dy[1], x[1] / options_.groups, options_.kernel_rows, options_.kernel_columns};
  const Shape y = convolved(x, weight, options_);
  require(dy == y, "upstream gradient is {}, but the convolution of {} with weight {} makes {}", dy, x, weight, y);
  if (options_.bias) return {weight, Shape{dy[1]}};
  return {weight};
}

void Conv2dBackwardWeightsOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &dy = *in[1];
  Tensor& dweight = *out[0];
  const Shape &xs = x.shape(), &ys = dy.shape(), &ws = dweight.shape();
  const int64_t filters_of_group = ws[0] / options_.groups;

  parallel(ws[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      const int64_t first = k / filters_of_group * ws[1];
      float* to = plane(dweight, k, 0);
      for (int64_t c = 0; c < ws[1]; ++c)
        for (int64_t r = 0; r < ws[2]; ++r)
          for (int64_t s = 0; s < ws[3]; ++s, ++to) {
            double sum = 0;
            for (int64_t n = 0; n < xs[0]; ++n) {
              const float *a = plane(x, n, first + c), *b = plane(dy, n, k);
              each_meeting(ys, xs, r, s, options_, [&](int64_t of_y, int64_t of_x) { sum += static_cast<double>(a[of_x]) * b[of_y]; });
            }
            *to = static_cast<float>(sum);
          }
      if (!options_.bias) continue;
      double sum = 0;
      for (int64_t n = 0; n < xs[0]; ++n)
        for (int64_t i = 0; i < ys[2] * ys[3]; ++i) sum += plane(dy, n, k)[i];
      (*out[1])[k] = static_cast<float>(sum);
    }
  });
}

int64_t Conv2dBackwardWeightsOp::macs(std::span<const Shape> in, std::span<const Shape> out) const { return in[1].size() * out[0].inner(); }

std::vector<Shape> ScaleFiltersOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require(in[0].rank() >= 2, "weight {} has {} extents; at least 2 are wanted, filters first", in[0], in[0].rank());
  require_shape("scale", in[1], {in[0][0]});
  return {in[0]};
}

void ScaleFiltersOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  for (int64_t k = 0; k < in[0]->shape()[0]; ++k) {
    const std::span<const float> from = in[0]->row(k);
    const std::span<float> to = out[0]->row(k);
    for (size_t i = 0; i < to.size(); ++i) to[i] = from[i] * (*in[1])[k];
  }
}

std::vector<Shape> ScaleBiasOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  require(in[0].rank() == 1, "bias {} has {} extents; 1 is wanted", in[0], in[0].rank());
  require_shape("scale", in[1], {in[0][0]});
  require_shape("shift", in[2], {in[0][0]});
  return {in[0]};
}

void ScaleBiasOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &bias = *in[0], &scale = *in[1], &shift = *in[2];
  for (int64_t k = 0; k < bias.size(); ++k) (*out[0])[k] = static_cast<float>(static_cast<double>(bias[k]) * scale[k] + shift[k]);
}

}  // namespace convscope

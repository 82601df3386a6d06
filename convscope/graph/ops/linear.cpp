#include "convscope/graph/ops/linear.h"

#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {
void check_batch(const Shape& x) {
  require(x.rank() == 2 || x.rank() == 4, "input {} has {} extents; a linear layer wants [N, F] or [N, C, H, W]", x, x.rank());
}

void check_matrix(std::string_view what, const Shape& shape, std::string_view wanted) {
  require(shape.rank() == 2, "{} {} has {} extents; {} is wanted", what, shape, shape.rank(), wanted);
}
}  // namespace

std::vector<Shape> LinearOp::shapes(std::span<const Shape> in) const {
  const size_t count = options_.bias ? 3 : 2;
  require_inputs(kKind, in.size(), count, count);
  const Shape &x = in[0], &weight = in[1];
  check_batch(x);
  check_matrix("weight", weight, "[K, F]");
  require(x.inner() == weight[1], "input {} has {} features, weight {} wants {}; look at the layer before it", x, x.inner(), weight,
          weight[1]);
  if (options_.bias) require_shape("bias", in[2], {weight[0]});
  return {{x[0], weight[0]}};
}

void LinearOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &weight = *in[1];
  Tensor& y = *out[0];
  const int64_t images = y.shape()[0], filters = y.shape()[1];
  parallel(images * filters, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / filters, k = i % filters;
      const std::span<const float> features = x.row(n), w = weight.row(k);
      double sum = options_.bias ? (*in[2])[k] : 0.0;
      for (size_t f = 0; f < w.size(); ++f) sum += static_cast<double>(features[f]) * w[f];
      y[i] = static_cast<float>(activated(options_.activation, sum));
    }
  });
}

void LinearOp::gradient(GradientSite& site) const {
  const Value dy = upstream_behind(options_.activation, site);
  if (site.wanted(0)) {
    const Shape x = site.shape(site.in(0));
    const std::span<const int64_t> features = x.extents().subspan(1);
    const LinearBackwardDataOptions options{.features = {features.begin(), features.end()}};
    site.give(0, site.add("backward-data", std::make_shared<LinearBackwardDataOp>(options), {dy, site.in(1)}));
  }
  const bool of_bias = options_.bias && site.wanted(2);
  if (site.wanted(1) || of_bias) {
    const LinearBackwardWeightsOptions options{.bias = of_bias};
    const Value both = site.add("backward-weights", std::make_shared<LinearBackwardWeightsOp>(options), {site.in(0), dy});
    if (site.wanted(1)) site.give(1, both);
    if (of_bias) site.give(2, {both.node, 1});
  }
}

int64_t LinearOp::macs(std::span<const Shape> in, std::span<const Shape> out) const { return out[0].size() * in[1][1]; }

std::vector<Shape> LinearBackwardDataOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  const Shape &dy = in[0], &weight = in[1];
  check_matrix("upstream gradient", dy, "[N, K]");
  check_matrix("weight", weight, "[K, F]");
  require(dy[1] == weight[0], "upstream gradient {} has {} columns, weight {} has {} rows; they must be equal", dy, dy[1], weight,
          weight[0]);
  const std::vector<int64_t>& features = options_.features;
  int64_t left = weight[1];
  bool fits = !features.empty();
  for (const int64_t f : features) {
    fits = fits && f >= 1 && left % f == 0;
    if (fits) left /= f;
  }
  require(fits && left == 1, "features [{}] do not have the {} numbers of a row of weight {}", join(features, ", "), weight[1], weight);
  std::vector<int64_t> extents{dy[0]};
  extents.insert(extents.end(), features.begin(), features.end());
  return {Shape(std::span<const int64_t>(extents))};
}

void LinearBackwardDataOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &dy = *in[0], &weight = *in[1];
  Tensor& dx = *out[0];
  parallel(dx.shape()[0], 1, [&](int64_t begin, int64_t end) {
    std::vector<double> sum(static_cast<size_t>(dx.shape().inner()));
    for (int64_t n = begin; n < end; ++n) {
      std::fill(sum.begin(), sum.end(), 0.0);
      for (int64_t k = 0; k < weight.shape()[0]; ++k) {
        const std::span<const float> w = weight.row(k);
        const double slope = dy.row(n)[static_cast<size_t>(k)];
        for (size_t f = 0; f < sum.size(); ++f) sum[f] += slope * w[f];
      }
      std::transform(sum.begin(), sum.end(), dx.row(n).begin(), [](double s) { return static_cast<float>(s); });
    }
  });
}

int64_t LinearBackwardDataOp::macs(std::span<const Shape> in, std::span<const Shape>) const { return in[0].size() * in[1][1]; }

std::vector<Shape> LinearBackwardWeightsOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  const Shape &x = in[0], &dy = in[1];
  check_batch(x);
  check_matrix("upstream gradient", dy, "[N, K]");
  require(x[0] == dy[0], "input {} has {} images, upstream gradient {} has {}", x, x[0], dy, dy[0]);
  const Shape weight{dy[1], x.inner()};
  if (options_.bias) return {weight, Shape{dy[1]}};
  return {weight};
}

void LinearBackwardWeightsOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &dy = *in[1];
  Tensor& dweight = *out[0];
  const int64_t images = dy.shape()[0], filters = dy.shape()[1];
  parallel(filters, 1, [&](int64_t begin, int64_t end) {
    std::vector<double> sum(static_cast<size_t>(x.shape().inner()));
    for (int64_t k = begin; k < end; ++k) {
      std::fill(sum.begin(), sum.end(), 0.0);
      double of_bias = 0;
      for (int64_t n = 0; n < images; ++n) {
        const std::span<const float> features = x.row(n);
        const double slope = dy[n * filters + k];
        for (size_t f = 0; f < sum.size(); ++f) sum[f] += slope * features[f];
        of_bias += slope;
      }
      std::transform(sum.begin(), sum.end(), dweight.row(k).begin(), [](double s) { return static_cast<float>(s); });
      if (options_.bias) (*out[1])[k] = static_cast<float>(of_bias);
    }
  });
}

int64_t LinearBackwardWeightsOp::macs(std::span<const Shape> in, std::span<const Shape>) const { return in[1].size() * in[0].inner(); }

}  // namespace convscope

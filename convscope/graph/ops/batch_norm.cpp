#include "convscope/graph/ops/batch_norm.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {
void check_eps(double eps) { require(eps > 0 && std::isfinite(eps), "eps is {}; it must be above 0", eps); }
void check_momentum(double momentum) { require(momentum >= 0 && momentum <= 1, "momentum is {}; it must be in [0, 1]", momentum); }

/** P: one statistic for each channel, or for each (channel, row, column). */
Shape statistics(const Shape& x, bool per_activation) {
  require_images(x);
  return per_activation ? Shape{x[1], x[2], x[3]} : Shape{x[1]};
}

void check_one_or_all(std::string_view what, const Shape& shape, const Shape& p) {
  require(shape == p || shape == Shape{1}, "{} {} does not fit the statistics {}; it must be {} or [1]", what, shape, p, p);
}

/** The number of statistic `p` in a tensor that has one for each or one for all. */
float of(const Tensor& one_or_all, int64_t p) { return one_or_all[one_or_all.size() == 1 ? 0 : p]; }

/** x as [N, P, M]: the elements that share statistic p are (n, p, m) for all n and m. */
struct Grouped {
  Grouped(const Shape& x, bool per_activation)
      : images(x[0]), statistics(per_activation ? x.inner() : x[1]), members(per_activation ? 1 : x[2] * x[3]) {}
  int64_t images, statistics, members;

  template <typename Body>
  void each(int64_t p, Body body) const {
    for (int64_t n = 0; n < images; ++n)
      for (int64_t m = 0; m < members; ++m) body((n * statistics + p) * members + m);
  }
  double count() const { return static_cast<double>(images * members); }
};

/** What batch norm does to the elements of one statistic. */
struct Normaliser {
  double mean, inverse_deviation, gamma, beta;
  double normalised(float x) const { return (x - mean) * inverse_deviation; }
  double operator()(float x) const { return gamma * normalised(x) + beta; }
};
}  // namespace

std::vector<Shape> BatchNormOp::shapes(std::span<const Shape> in) const {
  const size_t count = options_.residual ? 6 : 5;
  require_inputs(kKind, in.size(), count, count);
  check_eps(options_.eps);
  check_momentum(options_.momentum);
  const Shape &x = in[kX], p = statistics(x, options_.per_activation);
  check_one_or_all("gamma", in[kGamma], p);
  check_one_or_all("beta", in[kBeta], p);
  require_shape("running mean", in[kRunningMean], p);
  require_shape("running variance", in[kRunningVariance], p);
  if (options_.residual) require_shape("the residual", in[kResidual], x);
  return {x, p, p};
}

void BatchNormOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& x = *in[kX];
  const Grouped group(x.shape(), options_.per_activation);
  parallel(group.statistics, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      double sum = 0, squares = 0;
      group.each(p, [&](int64_t i) { sum += x[i]; });
      const double mean = sum / group.count();
      group.each(p, [&](int64_t i) { squares += (x[i] - mean) * (x[i] - mean); });
      (*out[kMean])[p] = static_cast<float>(mean);
      (*out[kVariance])[p] = static_cast<float>(squares / group.count());

      // By the statistics as they are handed on: the backward pass must find the same elements above 0.
      const Normaliser norm{(*out[kMean])[p], 1 / std::sqrt((*out[kVariance])[p] + options_.eps), of(*in[kGamma], p), of(*in[kBeta], p)};
      group.each(p, [&](int64_t i) {
        const double value = norm(x[i]) + (options_.residual ? (*in[kResidual])[i] : 0.0);
        (*out[kY])[i] = static_cast<float>(activated(options_.activation, value));
      });
    }
  });
}

void BatchNormOp::gradient(GradientSite& site) const {
  using Backward = BatchNormBackwardOp;
  require(!site.upstream(kMean) && !site.upstream(kVariance),
          "batch-norm hands out mean and variance as constants; an objective cannot read them");
  // ReLU's mask follows from x, so that its slope is taken in passing. Behind any other the residual's gradient is the one that came: no
  // copy is made.
  const bool relu = options_.activation && options_.activation->kind == Activation::kRelu;
  const Value upstream = relu ? site.upstream() : upstream_behind(options_.activation, site);
  const bool masked_residual = options_.residual && relu;
  if (options_.residual && !relu && site.wanted(kResidual)) site.give(kResidual, upstream);
  if (!site.wanted(kX) && !site.wanted(kGamma) && !site.wanted(kBeta) && !(masked_residual && site.wanted(kResidual))) return;

  const BatchNormBackwardOptions options{
      .eps = options_.eps, .per_activation = options_.per_activation, .residual = masked_residual, .relu = relu};
  const int all = site.add("backward", std::make_shared<Backward>(options),
                           {site.in(kX), site.in(kGamma), site.in(kBeta), site.out(kMean), site.out(kVariance), site.out(kY), upstream})
                      .node;
  if (site.wanted(kX)) site.give(kX, {all, Backward::kDx});
  if (site.wanted(kGamma)) site.give(kGamma, {all, Backward::kDgamma});
  if (site.wanted(kBeta)) site.give(kBeta, {all, Backward::kDbeta});
  if (masked_residual && site.wanted(kResidual)) site.give(kResidual, {all, Backward::kDresidual});
}

std::vector<Shape> BatchNormAgainOp::shapes(std::span<const Shape> in) const {
  const size_t count = options_.residual ? 6 : 5;
  require_inputs(kKind, in.size(), count, count);
  check_eps(options_.eps);
  const Shape &x = in[kX], p = statistics(x, in[kMean].rank() == 3);
  check_one_or_all("gamma", in[kGamma], p);
  check_one_or_all("beta", in[kBeta], p);
  require_shape("mean", in[kMean], p);
  require_shape("variance", in[kVariance], p);
  if (options_.residual) require_shape("the residual", in[kResidual], x);
  return {x};
}

void BatchNormAgainOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& x = *in[kX];
  const Grouped group(x.shape(), in[kMean]->shape().rank() == 3);
  for (int64_t p = 0; p < group.statistics; ++p) {
    const Normaliser norm{(*in[kMean])[p], 1 / std::sqrt((*in[kVariance])[p] + options_.eps), of(*in[kGamma], p), of(*in[kBeta], p)};
    group.each(p, [&](int64_t i) {
      const double value = norm(x[i]) + (options_.residual ? (*in[kResidual])[i] : 0.0);
      (*out[0])[i] = static_cast<float>(activated(options_.activation, value));
    });
  }
}

std::vector<Shape> BatchNormBackwardOp::shapes(std::span<const Shape> in) const {
  require(options_.upstreams >= 1 && options_.upstreams <= 1000, "upstreams is {}; it must be in 1 … 1000", options_.upstreams);
  const size_t count = kUpstream + static_cast<size_t>(options_.upstreams);
  require_inputs(kKind, in.size(), count, count);
  check_eps(options_.eps);
  const Shape &x = in[kX], p = statistics(x, options_.per_activation);
  check_one_or_all("gamma", in[kGamma], p);
  check_one_or_all("beta", in[kBeta], p);
  require_shape("mean", in[kMean], p);
  require_shape("variance", in[kVariance], p);
  for (const Shape& y : in.subspan(kY)) require_shape("y or its gradient", y, x);
  std::vector<Shape> all{x, in[kGamma], in[kBeta]};
  if (options_.residual) all.push_back(x);
  return all;
}

void BatchNormBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[kX], &y = *in[kY];
  const Grouped group(x.shape(), options_.per_activation);
  std::vector<double> dgamma(static_cast<size_t>(group.statistics)), dbeta(dgamma.size());

  parallel(group.statistics, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const Normaliser norm{(*in[kMean])[p], 1 / std::sqrt((*in[kVariance])[p] + options_.eps), of(*in[kGamma], p), of(*in[kBeta], p)};
      const auto slope = [&](int64_t i) {  // what passes the ReLU
        if (options_.relu && (options_.residual ? y[i] : static_cast<float>(norm(x[i]))) <= 0) return 0.0;
        double sum = 0;
        for (const Tensor* dy : in.subspan(kUpstream)) sum += (*dy)[i];
        return sum;
      };
      double of_gamma = 0, of_beta = 0;
      group.each(p, [&](int64_t i) {
        of_gamma += slope(i) * norm.normalised(x[i]);
        of_beta += slope(i);
      });
      group.each(p, [&](int64_t i) {
        const double through_statistics = (of_beta + norm.normalised(x[i]) * of_gamma) / group.count();
        (*out[kDx])[i] = static_cast<float>(norm.gamma * norm.inverse_deviation * (slope(i) - through_statistics));
        if (options_.residual) (*out[kDresidual])[i] = static_cast<float>(slope(i));
      });
      dgamma[static_cast<size_t>(p)] = of_gamma;
      dbeta[static_cast<size_t>(p)] = of_beta;
    }
  });

  const auto collect = [](const std::vector<double>& of_each, Tensor& to) {  // one for each statistic, or their sum in the one for all
    std::vector<double> sums(static_cast<size_t>(to.size()));
    for (size_t p = 0; p < of_each.size(); ++p) sums[sums.size() == 1 ? 0 : p] += of_each[p];
    std::transform(sums.begin(), sums.end(), to.data(), [](double s) { return static_cast<float>(s); });
  };
  collect(dgamma, *out[kDgamma]);
  collect(dbeta, *out[kDbeta]);
}

std::vector<Shape> RunningAverageOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  check_momentum(options_.momentum);
  require(options_.correction > 0 && std::isfinite(options_.correction),
          "correction is {}; it must be a number above 0 (a batch of one value has no unbiased variance)", options_.correction);
  require_shape("the new value", in[1], in[0]);
  return {in[0]};
}

void RunningAverageOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &old = *in[0], &batch = *in[1];
  const double share = options_.momentum;
  for (int64_t p = 0; p < old.size(); ++p) (*out[0])[p] = static_cast<float>((1 - share) * old[p] + share * options_.correction * batch[p]);
}

std::vector<Shape> BatchNormScaleOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  check_eps(options_.eps);
  check_one_or_all("gamma", in[0], in[1]);
  return {in[1]};
}

void BatchNormScaleOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &gamma = *in[0], &variance = *in[1];
  for (int64_t p = 0; p < variance.size(); ++p) (*out[0])[p] = static_cast<float>(of(gamma, p) / std::sqrt(variance[p] + options_.eps));
}

std::vector<Shape> BatchNormShiftOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  check_one_or_all("beta", in[0], in[1]);
  require_shape("scale", in[2], in[1]);
  return {in[1]};
}

void BatchNormShiftOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &beta = *in[0], &mean = *in[1], &scale = *in[2];
  for (int64_t p = 0; p < mean.size(); ++p) (*out[0])[p] = static_cast<float>(of(beta, p) - static_cast<double>(mean[p]) * scale[p]);
}

}  // namespace convscope

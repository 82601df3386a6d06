#include "convscope/graph/ops/lift.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

constexpr int64_t kPiece = 1 << 14;  // numbers that are worth a thread
constexpr double kNear = 1e-4;       // of the larger one: x and x' are as good as the same

constexpr int kPanels = 32;  // of logits that range over 60 the sum then misses less than 1e-5
/** Gauss and Legendre's five points on [0, 1]: place and weight. */
constexpr std::array<std::array<double, 2>, 5> kPoints{{{0.046910077030668, 0.118463442528095},
                                                        {0.230765344947158, 0.239314335249683},
                                                        {0.5, 0.284444444444444},
                                                        {0.769234655052842, 0.239314335249683},
                                                        {0.953089922969332, 0.118463442528095}}};

}  // namespace

std::vector<Shape> SecantOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 6, 6);
  for (const Shape& other : in.subspan(1)) require_shape("an input", other, in[0]);
  return {in[0]};
}

void SecantOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &from = *in[1], &y = *in[2], &y_from = *in[3], &tangent = *in[4], &dy = *in[5];
  parallel(x.size(), kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double dx = static_cast<double>(x[i]) - from[i], size = std::max(std::abs(x[i]), std::abs(from[i]));
      const double rise = static_cast<double>(y[i]) - y_from[i];
      (*out[0])[i] = std::abs(dx) > kNear * size ? static_cast<float>(dy[i] * (rise / dx)) : tangent[i];
    }
  });
}

std::vector<Shape> SoftmaxLiftOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  require_scores(in[0]);
  for (const Shape& other : in.subspan(1)) require_shape("an input", other, in[0]);
  return {in[0]};
}

void SoftmaxLiftOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const size_t classes = static_cast<size_t>(in[0]->shape()[1]);
  std::vector<double> p(classes), mean(classes);
  for (int64_t n = 0; n < in[0]->shape()[0]; ++n) {
    const auto x = in[0]->row(n), from = in[1]->row(n), dy = in[2]->row(n);
    std::fill(mean.begin(), mean.end(), 0.0);
    for (int panel = 0; panel < kPanels; ++panel) {
      for (const auto& [place, weight] : kPoints) {
        const double t = (panel + place) / kPanels;
        for (size_t y = 0; y < classes; ++y) p[y] = from[y] + t * (static_cast<double>(x[y]) - from[y]);
        const double top = *std::max_element(p.begin(), p.end());
        double sum = 0, pull = 0;
        for (double& v : p) sum += v = std::exp(v - top);
        for (size_t y = 0; y < classes; ++y) pull += (p[y] /= sum) * dy[y];
        for (size_t y = 0; y < classes; ++y) mean[y] += weight / kPanels * p[y] * (dy[y] - pull);
      }
    }
    std::transform(mean.begin(), mean.end(), out[0]->row(n).begin(), [](double v) { return static_cast<float>(v); });
  }
}

}  // namespace convscope

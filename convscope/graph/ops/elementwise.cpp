#include "convscope/graph/ops/elementwise.h"

#include <algorithm>
#include <cassert>

#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {
constexpr int64_t kPiece = 1 << 14;  // numbers that are worth a thread
}

std::vector<Shape> AddOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require(in[0] == in[1], "inputs {} and {} cannot be added; equal shapes were wanted, look at strides and filters of both paths", in[0],
          in[1]);
  return {in[0]};
}

void AddOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  parallel(out[0]->size(), kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) (*out[0])[i] = (*in[0])[i] + (*in[1])[i];
  });
}

void AddOp::gradient(GradientSite& site) const {
  for (const size_t i : {0, 1})
    if (site.wanted(i)) site.give(i, site.upstream());
}

std::vector<Shape> DropoutOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require(in[0].rank() >= 1, "input {} has no batch; [N, …] was wanted", in[0]);
  require(options_.rate >= 0 && options_.rate < 1, "rate is {}; a share from 0 to less than 1 was wanted", options_.rate);
  return {in[0]};
}

void DropoutOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  const Tensor& x = *in[0];
  assert(context.samples.empty() || static_cast<int64_t>(context.samples.size()) == x.shape()[0]);
  const RandomStream random(context.seed, options_.stream);
  const float scale = static_cast<float>(1 / (1 - options_.rate));
  parallel(x.shape()[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const auto from = x.row(n);
      const auto to = out[0]->row(n);
      for (size_t i = 0; i < from.size(); ++i) to[i] = keeps(random.uniform(i, part(context, n))) ? from[i] * scale : 0;
    }
  });
}

void DropoutOp::gradient(GradientSite& site) const {
  if (site.wanted(0)) site.give(0, site.add("backward", std::make_shared<DropoutOp>(options_), {site.upstream()}));
}

std::vector<Shape> SoftmaxOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require_scores(in[0]);
  return {in[0]};
}

void SoftmaxOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor p = softmax(*in[0]);
  std::copy_n(p.data(), p.size(), out[0]->data());
}

void SoftmaxOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  site.give(0, site.add("backward", std::make_shared<SoftmaxBackwardOp>(NoOptions{}), {site.out(), site.upstream()}));
}

std::vector<Shape> SoftmaxBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require_scores(in[0]);
  require_shape("the gradient", in[1], in[0]);
  return {in[0]};
}

void SoftmaxBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  for (int64_t n = 0; n < in[0]->shape()[0]; ++n) {
    const auto p = in[0]->row(n), dp = in[1]->row(n);
    const auto dx = out[0]->row(n);
    double mean = 0;  // of dp under p
    for (size_t y = 0; y < p.size(); ++y) mean += static_cast<double>(p[y]) * dp[y];
    for (size_t y = 0; y < p.size(); ++y) dx[y] = static_cast<float>(p[y] * (dp[y] - mean));
  }
}

}  // namespace convscope

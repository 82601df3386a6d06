#include "convscope/graph/ops/trades.h"

#include <cmath>

#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"
#include "convscope/graph/ops/scores.h"

namespace convscope {

namespace {

void require_pairs(const TradesOptions& options, const Shape& x, const Shape& labels) {
  require_scores(x);
  require(x[0] % 2 == 0, "{} rows of scores; pictures and as many moved ones were wanted", x[0]);
  require_shape("labels", labels, {x[0]});
  require(options.beta >= 0 && std::isfinite(options.beta), "beta is {}; a number from 0 on was wanted", options.beta);
}

/** KL(p ‖ q) of logarithms. */
double divergence(const ScoreRow& log_p, const ScoreRow& log_q) {
  double sum = 0;
  for (size_t y = 0; y < log_p.size(); ++y) sum += std::exp(log_p[y]) * (log_p[y] - log_q[y]);
  return sum;
}

}  // namespace

std::vector<Shape> TradesOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require_pairs(options_, in[0], in[1]);
  return {{1}};
}

void TradesOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  const int64_t pairs = in[0]->shape()[0] / 2, classes = in[0]->shape()[1];
  double loss = 0;
  for (int64_t n = 0; n < pairs; ++n) {
    const ScoreRow log_p = log_softmax(score_row(*in[0], n)), log_q = log_softmax(score_row(*in[0], pairs + n));
    const int64_t label = label_at(kKind, *in[1], n, classes, 0, context);
    loss += options_.beta * divergence(log_p, log_q) - log_p[static_cast<size_t>(label)];
  }
  (*out[0])[0] = static_cast<float>(loss / static_cast<double>(pairs));
}

void TradesOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  site.give(0, site.add("backward", std::make_shared<TradesBackwardOp>(options_), {site.in(0), site.in(1), site.upstream()}));
}

std::vector<Shape> TradesBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  require_pairs(options_, in[0], in[1]);
  require_shape("the gradient", in[2], {1});
  return {in[0]};
}

void TradesBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  const int64_t pairs = in[0]->shape()[0] / 2, classes = in[0]->shape()[1];
  const double upstream = (*in[2])[0] / static_cast<double>(pairs);
  for (int64_t n = 0; n < pairs; ++n) {
    const ScoreRow log_p = log_softmax(score_row(*in[0], n)), log_q = log_softmax(score_row(*in[0], pairs + n));
    const auto label = static_cast<size_t>(label_at(kKind, *in[1], n, classes, 0, context));
    const double kl = divergence(log_p, log_q);
    const auto natural = out[0]->row(n), moved = out[0]->row(pairs + n);
    for (size_t y = 0; y < log_p.size(); ++y) {
      const double p = std::exp(log_p[y]), q = std::exp(log_q[y]);
      natural[y] = static_cast<float>(upstream * (p - (y == label ? 1 : 0) + options_.beta * p * (log_p[y] - log_q[y] - kl)));
      moved[y] = static_cast<float>(upstream * options_.beta * (q - p));
    }
  }
}

}  // namespace convscope

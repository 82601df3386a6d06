#include "convscope/graph/ops/objective.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"
#include "convscope/graph/ops/scores.h"

namespace convscope {

namespace {

using Row = ScoreRow;

constexpr std::string_view kLogits = "logits", kProbabilities = "probabilities", kSoftmaxTwice = "softmax-twice";
constexpr std::string_view kMean = "mean", kSum = "sum";

Row exponentials(const Row& logs) {
  Row values;
  for (const double v : logs) values.push_back(std::exp(v));
  return values;
}

/** (1 − s) t + s / Y with the one-hot t of row n's label, or with its distribution. */
Row target(const CrossEntropyOptions& options, const Tensor& labels, int64_t n, int64_t classes, const RunContext& context) {
  Row t(static_cast<size_t>(classes), options.smoothing / static_cast<double>(classes));
  if (labels.shape().rank() == 2)
    for (size_t y = 0; y < t.size(); ++y) t[y] += (1 - options.smoothing) * labels.row(n)[y];
  else
    t[static_cast<size_t>(label_at(CrossEntropyOp::kKind, labels, n, classes, 0, context))] += 1 - options.smoothing;
  return t;
}

/** log p as the options define it. */
Row log_probabilities(const CrossEntropyOptions& options, Row x) {
  if (options.of == kProbabilities) {
    for (double& v : x) v = std::log(v + options.floor);
    return x;
  }
  const Row logs = log_softmax(x);
  return options.of == kSoftmaxTwice ? log_softmax(exponentials(logs)) : logs;
}

/** ∂/∂x of −Σ t log p. */
Row slope(const CrossEntropyOptions& options, const Row& x, const Row& t) {
  Row dx(x.size());
  if (options.of == kProbabilities) {
    for (size_t y = 0; y < x.size(); ++y) dx[y] = t[y] == 0 ? 0 : -t[y] / (x[y] + options.floor);
    return dx;
  }
  const Row p = exponentials(log_probabilities(options, x));
  const double total = std::accumulate(t.begin(), t.end(), 0.0);  // 1, but for rounding, of a distribution
  for (size_t y = 0; y < x.size(); ++y) dx[y] = total * p[y] - t[y];
  if (options.of == kLogits) return dx;

  const Row inner = exponentials(log_softmax(x));  // dx so far is the slope for it
  double mean = 0;
  for (size_t y = 0; y < x.size(); ++y) mean += inner[y] * dx[y];
  for (size_t y = 0; y < x.size(); ++y) dx[y] = inner[y] * (dx[y] - mean);
  return dx;
}

/** What one sample counts in the loss. */
double sample_weight(const CrossEntropyOptions& options, int64_t n) { return options.reduction == kMean ? 1 / static_cast<double>(n) : 1; }

void require_one_of(std::string_view option, const std::string& came, const std::vector<std::string>& known) {
  const bool found = std::find(known.begin(), known.end(), came) != known.end();
  require(found, "no {} '{}'{}", option, came, found ? "" : known_names(came, known));
}

void require_objective(const Shape& x, const Shape& labels) {
  require_scores(x);
  require_shape("labels", labels, {x[0]});
}

void require_cross_entropy(const CrossEntropyOptions& options, const Shape& x, const Shape& labels) {
  require_scores(x);
  if (labels.rank() == 2)
    require_shape("labels, a distribution for each image,", labels, x);
  else
    require_shape("labels", labels, {x[0]});
  require_one_of("of", options.of, {std::string(kLogits), std::string(kProbabilities), std::string(kSoftmaxTwice)});
  require_one_of("reduction", options.reduction, {std::string(kMean), std::string(kSum)});
  require(options.smoothing >= 0 && options.smoothing <= 1, "smoothing is {}; a share from 0 to 1 was wanted", options.smoothing);
  require(options.floor >= 0 && std::isfinite(options.floor), "floor is {}; a small number from 0 on was wanted", options.floor);
  require(options.floor == 0 || options.of == kProbabilities, "floor is {}, but x is {}; a floor is for probabilities", options.floor,
          options.of);
}

}  // namespace

std::vector<Shape> CrossEntropyOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require_cross_entropy(options_, in[0], in[1]);
  return {{1}};
}

void CrossEntropyOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  const Shape x = in[0]->shape();
  double loss = 0;
  for (int64_t n = 0; n < x[0]; ++n) {
    const Row logs = log_probabilities(options_, score_row(*in[0], n));
    const Row t = target(options_, *in[1], n, x[1], context);
    for (size_t y = 0; y < logs.size(); ++y)
      if (t[y] != 0) loss -= t[y] * logs[y];  // 0 log 0 = 0
  }
  (*out[0])[0] = static_cast<float>(loss * sample_weight(options_, x[0]));
}

void CrossEntropyOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  site.give(0, site.add("backward", std::make_shared<CrossEntropyBackwardOp>(options_), {site.in(0), site.in(1), site.upstream()}));
}

std::vector<Shape> CrossEntropyBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  require_cross_entropy(options_, in[0], in[1]);
  require_shape("the gradient", in[2], {1});
  return {in[0]};
}

void CrossEntropyBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  const Shape x = in[0]->shape();
  const double upstream = (*in[2])[0] * sample_weight(options_, x[0]);
  for (int64_t n = 0; n < x[0]; ++n) {
    const Row dx = slope(options_, score_row(*in[0], n), target(options_, *in[1], n, x[1], context));
    std::transform(dx.begin(), dx.end(), out[0]->row(n).begin(), [&](double v) { return static_cast<float>(upstream * v); });
  }
}

namespace {
/** The class that `pick` takes of row `n`. */
int64_t picked(std::string_view kind, const Tensor& x, const Tensor& labels, int64_t n, const RunContext& context) {
  const int64_t label = label_at(kind, labels, n, x.shape()[1], -1, context);
  return label == -1 ? argmax(x.row(n)) : label;
}
/** Labels [N], or a weight for each number of x. */
void require_pick(const Shape& x, const Shape& labels) {
  if (labels.rank() != 2) return require_objective(x, labels);
  require_scores(x);
  require_shape("labels, a weight for each number,", labels, x);
}
}  // namespace

std::vector<Shape> PickOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require_pick(in[0], in[1]);
  return {{1}};
}

void PickOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  double sum = 0;
  if (in[1]->shape().rank() == 2) {
    for (int64_t i = 0; i < in[0]->size(); ++i) sum += static_cast<double>((*in[0])[i]) * (*in[1])[i];
    (*out[0])[0] = static_cast<float>(sum);
    return;
  }
  for (int64_t n = 0; n < in[0]->shape()[0]; ++n) sum += in[0]->row(n)[static_cast<size_t>(picked(kKind, *in[0], *in[1], n, context))];
  (*out[0])[0] = static_cast<float>(sum);
}

void PickOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  site.give(0, site.add("backward", std::make_shared<PickBackwardOp>(NoOptions{}), {site.in(0), site.in(1), site.upstream()}));
}

std::vector<Shape> PickBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  require_pick(in[0], in[1]);
  require_shape("the gradient", in[2], {1});
  return {in[0]};
}

void PickBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  if (in[1]->shape().rank() == 2) {
    for (int64_t i = 0; i < in[0]->size(); ++i) (*out[0])[i] = (*in[1])[i] * (*in[2])[0];
    return;
  }
  fill(*out[0], 0);
  for (int64_t n = 0; n < in[0]->shape()[0]; ++n)
    out[0]->row(n)[static_cast<size_t>(picked(kKind, *in[0], *in[1], n, context))] = (*in[2])[0];
}

}  // namespace convscope

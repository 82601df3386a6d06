#include "convscope/graph/ops/attack_loss.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

using Row = std::vector<double>;

constexpr std::string_view kLogOdds = "log-odds", kMargin = "margin", kDlr = "dlr";
constexpr double kNoZero = 1e-12;  // in the denominator, as published

double at(std::span<const float> z, int64_t y) { return z[static_cast<size_t>(y)]; }

/** The largest logit of all classes but one; of equals the first. */
int64_t largest_but(std::span<const float> z, int64_t own) {
  int64_t largest = own == 0 ? 1 : 0;
  for (int64_t y = 0; y < std::ssize(z); ++y)
    if (y != own && at(z, y) > at(z, largest)) largest = y;
  return largest;
}

int64_t rival(std::span<const float> z, ClassPair classes) { return classes.aims() ? classes.target : largest_but(z, classes.own); }

/** log Σ exp of the others. */
double log_sum_but(std::span<const float> z, int64_t own) {
  const double top = at(z, largest_but(z, own));
  double sum = 0;
  for (int64_t y = 0; y < std::ssize(z); ++y)
    if (y != own) sum += std::exp(at(z, y) - top);
  return top + std::log(sum);
}

/** What dlr divides by is Σ weight · z of these classes. */
struct Weighted {
  int64_t y;
  double weight;
};
std::vector<Weighted> spread_of(std::span<const float> z, bool aims) {
  const size_t count = aims ? 4 : 3;
  require(z.size() >= count, "dlr{}: {} classes; at least {} were wanted", aims ? " towards a class" : "", z.size(), count);
  std::vector<int64_t> order(z.size());
  std::iota(order.begin(), order.end(), 0);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](int64_t a, int64_t b) { return at(z, a) != at(z, b) ? at(z, a) > at(z, b) : a < b; });
  if (aims) return {{order[0], 1}, {order[2], -0.5}, {order[3], -0.5}};
  return {{order[0], 1}, {order[2], -1}};
}

double sum_of(std::span<const Weighted> terms, std::span<const float> z) {
  double sum = kNoZero;
  for (const auto& [y, weight] : terms) sum += weight * at(z, y);
  return sum;
}

void require_attack_loss(const std::string& of, const Shape& x, const Shape& labels) {
  const std::vector<std::string> known{std::string(kLogOdds), std::string(kMargin), std::string(kDlr)};
  require(std::find(known.begin(), known.end(), of) != known.end(), "attack-loss: no '{}'{}", of, known_names(of, known));
  require_scores(x);
  require_shape("labels", labels, {x[0]});
  require(x[1] > 1, "attack-loss: {} class; at least two were wanted", x[1]);
  require(of != kDlr || x[1] > 2, "dlr: {} classes; at least three were wanted, to aim at one four", x[1]);
  require(of == kLogOdds || x[1] <= kMostAttackedClasses, "attack-loss: {} of {} classes; at most {} are supported", of, x[1],
          kMostAttackedClasses);
}

ClassPair classes_at(const std::string& of, const Tensor& labels, int64_t n, int64_t count) {
  const ClassPair classes = classes_of(of, static_cast<int64_t>(labels[n]), count);
  require(labels[n] >= 0 && classes.own < count && classes.target >= 0, "attack-loss: sample {} has the label {}; {} classes are known", n,
          labels[n], count);
  return classes;
}

}  // namespace

double attack_loss(std::string_view of, std::span<const float> z, ClassPair classes) {
  if (of == kLogOdds) return log_sum_but(z, classes.own) - at(z, classes.own);
  const double margin = at(z, rival(z, classes)) - at(z, classes.own);
  return of == kMargin ? margin : margin / sum_of(spread_of(z, classes.aims()), z);
}

std::vector<double> attack_loss_slope(std::string_view of, std::span<const float> z, ClassPair classes) {
  Row slope(z.size());
  const auto own = static_cast<size_t>(classes.own);
  if (of == kLogOdds) {
    const double others = log_sum_but(z, classes.own);
    for (size_t y = 0; y < z.size(); ++y) slope[y] = y == own ? -1 : std::exp(z[y] - others);
    return slope;
  }
  const int64_t other = rival(z, classes);
  slope[static_cast<size_t>(other)] = 1;
  slope[own] = -1;
  if (of == kMargin) return slope;
  const auto terms = spread_of(z, classes.aims());
  const double spread = sum_of(terms, z), ratio = (at(z, other) - at(z, classes.own)) / spread;
  for (double& v : slope) v /= spread;
  for (const auto& [y, weight] : terms) slope[static_cast<size_t>(y)] -= ratio * weight / spread;
  return slope;
}

int64_t label_of(std::string_view of, ClassPair classes, int64_t count) {
  return of == kLogOdds ? classes.own : classes.own * count + classes.target;
}

ClassPair classes_of(std::string_view of, int64_t label, int64_t count) {
  if (of == kLogOdds) return {label, label};
  return {label / count, label % count};
}

std::vector<Shape> AttackLossOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require_attack_loss(options_.of, in[0], in[1]);
  return {{1}};
}

void AttackLossOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  double sum = 0;
  for (int64_t n = 0; n < in[0]->shape()[0]; ++n)
    sum += attack_loss(options_.of, in[0]->row(n), classes_at(options_.of, *in[1], n, in[0]->shape()[1]));
  (*out[0])[0] = static_cast<float>(sum);
}

void AttackLossOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  site.give(0, site.add("backward", std::make_shared<AttackLossBackwardOp>(options_), {site.in(0), site.in(1), site.upstream()}));
}

std::vector<Shape> AttackLossBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  require_attack_loss(options_.of, in[0], in[1]);
  require_shape("the gradient", in[2], {1});
  return {in[0]};
}

void AttackLossBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const double upstream = (*in[2])[0];
  for (int64_t n = 0; n < in[0]->shape()[0]; ++n) {
    const Row dx = attack_loss_slope(options_.of, in[0]->row(n), classes_at(options_.of, *in[1], n, in[0]->shape()[1]));
    std::transform(dx.begin(), dx.end(), out[0]->row(n).begin(), [&](double v) { return static_cast<float>(upstream * v); });
  }
}

}  // namespace convscope

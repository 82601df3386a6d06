#include "convscope/inspect/attribution/cam.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/base/join.h"
#include "convscope/inspect/attribution/positions.h"
#include "convscope/inspect/attribution/rectified.h"

namespace convscope {

namespace {

constexpr int64_t kNearest = 3;  // classes that `finer` takes off

std::string_view name_of(CamWeights weights) {
  constexpr std::string_view names[] = {"grad-cam", "grad-cam++", "xgrad-cam", "hires-cam", "layer-cam", "eigen-cam"};
  return names[static_cast<size_t>(weights)];
}

/** What is explained, as a value of the graph. */
Value asked_of(const Graph& graph, const Objective& objective) { return objective.node.empty() ? graph.output : graph.at(objective.node); }

/** The classes whose logits are nearest to the target's, the nearest first. */
std::vector<int64_t> nearest_classes(std::span<const float> logits, int64_t target) {
  std::vector<int64_t> order;
  for (int64_t y = 0; y < std::ssize(logits); ++y)
    if (y != target) order.push_back(y);
  const auto distance = [&](int64_t y) { return std::abs(logits[static_cast<size_t>(y)] - logits[static_cast<size_t>(target)]); };
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return distance(a) < distance(b); });
  order.resize(static_cast<size_t>(std::min<int64_t>(kNearest, std::ssize(order))));
  return order;
}

/** Slopes of z_target − factor · mean of the nearest classes' z: slopes are linear in what they are of. */
void take_off_nearest(Subject& subject, const Tensor& x, const Question& question, const Pass& pass, double factor, Passed& passed) {
  std::vector<std::vector<int64_t>> nearest;
  for (int64_t n = 0; n < x.shape()[0]; ++n)
    nearest.push_back(nearest_classes(passed.table.row(n), question.targets[static_cast<size_t>(n)]));
  const size_t count = nearest.front().size();
  for (size_t k = 0; k < count; ++k) {
    std::vector<int64_t> targets;
    for (const auto& of_image : nearest) targets.push_back(of_image[k]);
    const Passed other = subject.pass(x, pass, targets);
    for (auto& [node, slopes] : passed.gradients) {
      const Tensor& off = other.gradients.at(node);
      for (int64_t i = 0; i < slopes.size(); ++i) slopes[i] -= static_cast<float>(factor / static_cast<double>(count) * off[i]);
    }
  }
}

/** A node's channels of one image, and their slopes: [K, P] each, P positions. */
struct Channels {
  std::span<const float> activation, slope;
  size_t count, positions;
  double a(size_t k, size_t p) const { return activation[k * positions + p]; }
  double g(size_t k, size_t p) const { return slope[k * positions + p]; }
};

/** w_k for methods that have one weight for each channel. */
double weight(CamWeights weights, const Channels& c, size_t k) {
  double sum = 0, active = 0, slopes = 0;
  for (size_t p = 0; p < c.positions; ++p) {
    sum += c.a(k, p) * c.g(k, p);
    active += c.a(k, p);
    slopes += c.g(k, p);
  }
  if (weights == CamWeights::grad) return slopes / static_cast<double>(c.positions);
  if (weights == CamWeights::xgrad) return sum / (active + 1e-7);
  double w = 0;
  for (size_t p = 0; p < c.positions; ++p) {
    const double g = c.g(k, p);
    if (g > 0) w += g * g / (2 * g * g + active * g * g * g + 1e-6) * g;
  }
  return w;
}

/** X v for the first right singular vector v of the positions' channels X [P, K], each channel less its mean; by power iteration. */
std::vector<double> first_component(const Channels& c) {
  std::vector<double> x(c.positions * c.count);
  for (size_t k = 0; k < c.count; ++k) {
    double mean = 0;
    for (size_t p = 0; p < c.positions; ++p) mean += c.a(k, p) / static_cast<double>(c.positions);
    for (size_t p = 0; p < c.positions; ++p) x[p * c.count + k] = c.a(k, p) - mean;
  }
  constexpr int kMost = 500;
  constexpr double kStill = 1e-12;
  std::vector<double> v(c.count), along(c.positions);
  for (size_t p = 0; p < c.positions; ++p)  // begins with the position farthest from the mean: it is not at right angles to all there is
    if (const double* row = x.data() + p * c.count;
        std::inner_product(row, row + c.count, row, 0.0) > std::inner_product(v.begin(), v.end(), v.begin(), 0.0))
      v.assign(row, row + c.count);
  for (int i = 0; i < kMost; ++i) {
    const double length = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
    if (length == 0) break;
    for (double& value : v) value /= length;
    std::vector<double> next(c.count);
    for (size_t p = 0; p < c.positions; ++p) {
      const double* row = x.data() + p * c.count;
      along[p] = std::inner_product(row, row + c.count, v.begin(), 0.0);
      for (size_t k = 0; k < c.count; ++k) next[k] += row[k] * along[p];
    }
    const double now = std::inner_product(next.begin(), next.end(), v.begin(), 0.0),
                 squares = std::inner_product(next.begin(), next.end(), next.begin(), 0.0);
    v = std::move(next);
    if (squares - now * now <= kStill * squares) break;
  }
  const auto [low, high] = std::minmax_element(along.begin(), along.end());
  if (-*low > *high)
    for (double& value : along) value = -value;
  return along;
}

std::vector<double> map_of(CamWeights weights, const Channels& c) {
  if (weights == CamWeights::eigen) return first_component(c);
  std::vector<double> map(c.positions);
  for (size_t k = 0; k < c.count; ++k) {
    const bool whole = weights != CamWeights::hires && weights != CamWeights::layer;
    const double w = whole ? weight(weights, c, k) : 0;
    for (size_t p = 0; p < c.positions; ++p)
      map[p] += c.a(k, p) * (whole ? w : weights == CamWeights::hires ? c.g(k, p) : std::max(c.g(k, p), 0.0));
  }
  return map;
}

}  // namespace

Cam::Cam(CamWeights weights, Options options) : weights_(weights), options_(std::move(options)) {
  require(options_.finer >= 0 && options_.finer <= 10, "{}: finer is 0 to 10, got {}", name_of(weights_), options_.finer);
  require(options_.finer == 0 || weights_ != CamWeights::eigen,
          "eigen-cam: it is of no class, so there is nothing to take off: finer is 0");
}

std::string Cam::legend() const {
  if (weights_ == CamWeights::eigen)
    return options_.keep_sign ? "red: along what the node's activations have in common; blue: against it"
                              : "bright: the node's activations have most in common, whatever the class";
  return options_.keep_sign ? "red: what the node found there speaks for it; blue: against it"
                            : "bright: what the node found there speaks for it";
}

Maps Cam::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const std::string_view name = name_of(weights_);
  const Graph& graph = network_of(subject, name);
  const Value of = asked_of(graph, question.objective);
  const auto nodes = nodes_with_positions(graph, of, options_.node, name);
  require(options_.finer == 0 || (question.objective.node.empty() && question.objective.of == Objective::Of::logits),
          "{}: `finer` compares the logits of classes; it is not for a softmax, a loss or a node", name);

  std::map<std::string, Tensor> activations;
  Passed passed;
  if (weights_ == CamWeights::eigen) {
    for (const std::string& node : nodes) activations[node] = subject.activation(x, node);
  } else {
    const Pass pass{.objective = question.objective, .gradients = {nodes.begin(), nodes.end()}, .values = {nodes.begin(), nodes.end()}};
    passed = subject.pass(x, pass, question.targets);
    if (options_.finer > 0) take_off_nearest(subject, x, question, pass, options_.finer, passed);
    for (const std::string& node : nodes) activations[node] = passed.values.at(node);
  }

  CamSheets sheets(x, options_.keep_sign);
  for (const std::string& node : nodes) {
    const Tensor& a = activations.at(node);
    const Shape& shape = a.shape();
    for (int64_t n = 0; n < x.shape()[0]; ++n) {
      const Channels channels{a.row(n), weights_ == CamWeights::eigen ? a.row(n) : std::as_const(passed.gradients.at(node)).row(n),
                              static_cast<size_t>(shape[1]), static_cast<size_t>(shape[2] * shape[3])};
      sheets.add(n, map_of(weights_, channels), shape[2], shape[3]);
    }
  }
  return std::move(sheets).finish(nodes);
}

void CamSheets::add(int64_t n, std::vector<double> map, int64_t h, int64_t w) {
  if (!keep_sign_) {
    double& lowest = lowest_[static_cast<size_t>(n)];
    lowest = std::min(lowest, *std::min_element(map.begin(), map.end()));
    for (double& v : map) v = std::max(v, 0.0);
  }
  sheets_[n].push_back(upsampled(map, h, w, x_.shape()[2], x_.shape()[3]));
}

Maps CamSheets::finish(const std::vector<std::string>& nodes) && {
  const int64_t rows = x_.shape()[2], columns = x_.shape()[3];
  Maps maps{Tensor({x_.shape()[0], 1, rows, columns}), {}};
  maps.notes.resize(lowest_.size());
  for (auto& [n, sheets] : sheets_) {
    std::vector<double> sum(static_cast<size_t>(rows * columns));
    for (const std::vector<double>& sheet : sheets) {
      double largest = 0;
      for (const double v : sheet) largest = std::max(largest, std::abs(v));
      const double share = sheets.size() == 1 ? 1 : largest > 0 ? 1 / largest / static_cast<double>(sheets.size()) : 0;
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += share * sheet[i];
    }
    const bool nothing = std::all_of(sum.begin(), sum.end(), [](double v) { return v == 0; });
    if (nothing && !keep_sign_)
      maps.notes[static_cast<size_t>(n)] = lowest_[static_cast<size_t>(n)] < 0 ? "no positive evidence" : "no evidence";
    std::transform(sum.begin(), sum.end(), maps.values.row(n).begin(), [](double v) { return static_cast<float>(v); });
  }
  maps.over = fmt::format("at {}{}", nodes.size() == 1 ? "node " : "the mean of nodes ", fmt::format("{}", join(nodes, ", ")));
  return maps;
}

}  // namespace convscope

#include "convscope/inspect/attribution/integrated_gradients.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

/** A point on the path of an image: x₀ + at (x − x₀), weighted in the sum of its gradients. */
struct Point {
  int64_t image;
  double at, weight;
};

/** Σ weight ∂f/∂x over points, of each image; the points of all images share the subject's batches. */
class PathSum {
 public:
  PathSum(Subject& subject, const Tensor& from, const Tensor& to, const Question& question)
      : subject_(subject), from_(from), to_(to), question_(question), sum_(static_cast<size_t>(to.size())) {}

  void add(std::span<const Point> points) {
    const int64_t inner = to_.shape().inner();
    for (size_t first = 0; first < points.size(); first += static_cast<size_t>(subject_.batch())) {
      const auto some = points.subspan(first, std::min(points.size() - first, static_cast<size_t>(subject_.batch())));
      Tensor x(to_.shape().with_batch(static_cast<int64_t>(some.size())));
      std::vector<int64_t> targets;
      for (size_t k = 0; k < some.size(); ++k) {
        const auto begin = from_.row(some[k].image), end = to_.row(some[k].image);
        const auto out = x.row(static_cast<int64_t>(k));
        const float at = static_cast<float>(some[k].at);
        for (size_t i = 0; i < out.size(); ++i) out[i] = begin[i] + at * (end[i] - begin[i]);
        targets.push_back(question_.targets[static_cast<size_t>(some[k].image)]);
      }
      const Tensor slope = subject_.slope(x, question_.objective, targets).gradient;
      for (size_t k = 0; k < some.size(); ++k) {
        double* sum = sum_.data() + some[k].image * inner;
        const auto g = slope.row(static_cast<int64_t>(k));
        for (size_t i = 0; i < g.size(); ++i) sum[i] += some[k].weight * g[i];
      }
    }
  }

  /** (x − x₀) ⊙ scale Σ. */
  std::vector<double> map(int64_t n, double scale) const {
    const auto begin = from_.row(n), end = to_.row(n);
    std::vector<double> map(begin.size());
    const double* sum = sum_.data() + n * to_.shape().inner();
    for (size_t i = 0; i < map.size(); ++i) map[i] = scale * sum[i] * (static_cast<double>(end[i]) - begin[i]);
    return map;
  }

 private:
  Subject& subject_;
  const Tensor& from_;
  const Tensor& to_;
  const Question& question_;
  std::vector<double> sum_;
};

}  // namespace

IntegratedGradients::IntegratedGradients(Options options) : options_(std::move(options)) {
  require(options_.steps >= 1 && options_.steps <= 1'000'000, "integrated-gradients: steps is 1 to 1000000, got {}", options_.steps);
  require(options_.tolerance >= 0 && std::isfinite(options_.tolerance), "integrated-gradients: tolerance is 0 or more, got {}",
          options_.tolerance);
}

std::string IntegratedGradients::legend() const {
  const std::string from = options_.baseline.ends_with(".npy") ? "the baseline" : options_.baseline;
  return fmt::format("red: it grows on the pixel's way from {} to the image; blue: it falls", from);
}

Tensor IntegratedGradients::baselines(const Tensor& x, const Question& question) const {
  Tensor from(x.shape());
  const int64_t channels = x.shape()[1], plane = x.shape()[2] * x.shape()[3];
  const std::string& name = options_.baseline;
  if (name == "black") return from;
  if (name == "white" || name == "grey") {
    fill(from, name == "white" ? 1.0f : 0.5f);
  } else if (name == "mean") {
    for (int64_t c = 0; c < x.shape()[0] * channels; ++c) {
      double sum = 0;
      for (int64_t i = 0; i < plane; ++i) sum += x[c * plane + i];
      std::fill_n(from.data() + c * plane, plane, static_cast<float>(sum / static_cast<double>(plane)));
    }
  } else if (name == "noise") {
    const RandomStream random(question.seed, "integrated-gradients/baseline");
    for (int64_t n = 0; n < x.shape()[0]; ++n)
      for (int64_t i = 0; i < x.shape().inner(); ++i)
        from.row(n)[static_cast<size_t>(i)] = random.uniform(static_cast<uint64_t>(i), static_cast<uint64_t>(question.number(n)));
  } else {
    require(name.ends_with(".npy"), "integrated-gradients: no baseline '{}'; there are black, white, grey, mean, noise, and .npy files",
            name);
    const Tensor read = read_npy(name);
    const Shape image(x.shape().extents().subspan(1));
    for (const float v : read.span())
      require(v >= 0 && v <= 1, "{}: a baseline with a pixel of {}: pixels lie in [0, 1]; divide levels by 255", name, v);
    // As many numbers of another shape, [H, W, C] for one, are another image.
    const bool one = read.shape() == image || read.shape() == x.shape().with_batch(1);
    require(one || read.shape() == x.shape(), "{}: a baseline of {} for images {}; wanted is that shape or one image of it", name,
            read.shape(), x.shape());
    for (int64_t n = 0; n < x.shape()[0]; ++n) std::copy_n(one ? read.data() : read.row(n).data(), x.shape().inner(), from.row(n).data());
  }
  return from;
}

Maps IntegratedGradients::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const int64_t count = x.shape()[0];
  const Tensor from = baselines(x, question);
  const auto at_end = values(subject.table(x, question.objective), question.objective, question.targets);
  const auto at_begin = values(subject.table(from, question.objective), question.objective, question.targets);

  PathSum sum(subject, from, x, question);
  std::vector<Point> points;
  const auto midpoints = [&](int64_t n, int64_t m) {
    for (int64_t k = 0; k < m; ++k) points.push_back({n, (static_cast<double>(k) + 0.5) / static_cast<double>(m), 1.0});
  };
  for (int64_t n = 0; n < count; ++n) midpoints(n, options_.steps);
  sum.add(points);

  Maps maps{Tensor(x.shape()), std::vector<Completeness>(static_cast<size_t>(count))};
  std::vector<int64_t> intervals(static_cast<size_t>(count), options_.steps);
  std::vector<bool> has_ends(static_cast<size_t>(count), false);
  std::vector<int64_t> open(static_cast<size_t>(count));
  for (int64_t n = 0; n < count; ++n) open[static_cast<size_t>(n)] = n;
  while (!open.empty()) {
    points.clear();
    std::vector<int64_t> still_open;
    for (const int64_t n : open) {
      int64_t& m = intervals[static_cast<size_t>(n)];
      const std::vector<double> map = sum.map(n, 1.0 / static_cast<double>(m));
      Completeness& c = maps.completeness[static_cast<size_t>(n)];
      c.difference = at_end[static_cast<size_t>(n)] - at_begin[static_cast<size_t>(n)];
      double total = 0;
      for (size_t i = 0; i < map.size(); ++i) {
        total += map[i];
        maps.values.row(n)[i] = static_cast<float>(map[i]);
      }
      c.gap = std::abs(total - c.difference);
      c.steps = m;
      if (options_.tolerance == 0 || c.gap <= options_.tolerance * std::abs(c.difference) || 2 * m > options_.most_steps) continue;
      // The first doubling adds the ends of the intervals, each later one the middles of the halves.
      if (!has_ends[static_cast<size_t>(n)]) {
        for (int64_t k = 0; k <= m; ++k)
          points.push_back({n, static_cast<double>(k) / static_cast<double>(m), k == 0 || k == m ? 0.5 : 1.0});
        has_ends[static_cast<size_t>(n)] = true;
      } else {
        midpoints(n, m);
      }
      m *= 2;
      still_open.push_back(n);
    }
    if (!points.empty()) sum.add(points);
    open = std::move(still_open);
  }
  return maps;
}

}  // namespace convscope

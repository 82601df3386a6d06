#include "convscope/inspect/attribution/guided_ig.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "convscope/inspect/attribution/integrated_gradients.h"

namespace convscope {

namespace {

/** One image's way from `from` to `to`, in double. */
class GuidedPath {
 public:
  GuidedPath(std::span<const float> from, std::span<const float> to)
      : from_(from.begin(), from.end()),
        to_(to.begin(), to.end()),
        at_(from_),
        moved_(from.size()),
        map_(from.size()),
        whole_(distance()) {}

  const std::vector<double>& at() const { return at_; }
  const std::vector<double>& map() const { return map_; }

  /** What the slopes where the path has arrived make of its last step. */
  void arrive(std::span<const float> slope) {
    for (size_t k = 0; k < at_.size(); ++k) map_[k] += moved_[k] * slope[k] / 2;
  }
  /** Step `i` of `steps`, 0 first, by the slopes where the path is. */
  void step(int64_t i, int64_t steps, double fraction, double band, std::span<const float> slope) {
    const double along = static_cast<double>(i + 1) / static_cast<double>(steps);
    const double behind = std::max(along - band, 0.0), ahead = std::min(along + band, 1.0);
    const double target = whole_ * (1 - along);
    const std::vector<double> before = at_;
    for (size_t k = 0; k < at_.size(); ++k)
      if (progress(k) < behind) at_[k] = line(k, behind);
    for (double left = distance(); left > target + kClose * whole_; left = distance()) {
      const std::vector<size_t> moving = calmest(slope, ahead, fraction);
      if (moving.empty()) break;
      double room = 0;
      for (const size_t k : moving) room += std::abs(line(k, ahead) - at_[k]);
      const double share = (left - target) / room;
      for (const size_t k : moving) at_[k] = share >= 1 ? line(k, ahead) : at_[k] + share * (line(k, ahead) - at_[k]);
      if (share < 1) break;
    }
    for (size_t k = 0; k < at_.size(); ++k) {
      moved_[k] = at_[k] - before[k];
      map_[k] += moved_[k] * slope[k] / 2;
    }
  }

 private:
  static constexpr double kClose = 1e-9;

  double line(size_t k, double t) const { return t >= 1 ? to_[k] : from_[k] + t * (to_[k] - from_[k]); }
  /** How far along its straight line a pixel is; one that stays has arrived. */
  double progress(size_t k) const { return to_[k] == from_[k] ? 1 : (at_[k] - from_[k]) / (to_[k] - from_[k]); }
  double distance() const {
    double sum = 0;
    for (size_t k = 0; k < at_.size(); ++k) sum += std::abs(to_[k] - at_[k]);
    return sum;
  }
  /** Those that are not yet as far ahead as they may be, and of these the share with the smallest slopes. */
  std::vector<size_t> calmest(std::span<const float> slope, double ahead, double fraction) const {
    std::vector<size_t> open;
    for (size_t k = 0; k < at_.size(); ++k)
      if (to_[k] != from_[k] && std::abs(line(k, ahead) - at_[k]) > kClose * std::abs(to_[k] - from_[k])) open.push_back(k);
    if (open.empty()) return open;
    const auto smaller = [&](size_t a, size_t b) { return std::abs(slope[a]) < std::abs(slope[b]); };
    const size_t last = static_cast<size_t>(fraction * static_cast<double>(open.size() - 1));
    std::nth_element(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(last), open.end(), smaller);
    const float most = std::abs(slope[open[last]]);
    std::erase_if(open, [&](size_t k) { return std::abs(slope[k]) > most; });
    return open;
  }

  std::vector<double> from_, to_, at_, moved_, map_;
  double whole_;
};

}  // namespace

namespace {

/** Of a network by a program as large as there are images: they are asked many times, one step after another. */
Tensor slopes(Subject& subject, const Tensor& x, const Question& question) {
  if (!subject.network()) return subject.slope(x, question.objective, question.targets).gradient;
  return subject.pass(x, {.objective = question.objective}, question.targets).gradients.at(std::string(kPixels));
}

}  // namespace

GuidedIntegratedGradients::GuidedIntegratedGradients(Options options) : options_(std::move(options)) {
  require(options_.steps >= 1 && options_.steps <= 100'000, "guided-ig: steps is 1 to 100000, got {}", options_.steps);
  require(options_.fraction > 0 && options_.fraction <= 1, "guided-ig: fraction is above 0, up to 1, got {}", options_.fraction);
  require(options_.band >= 0 && options_.band <= 1, "guided-ig: band is 0 to 1, got {}", options_.band);
}

std::string GuidedIntegratedGradients::legend() const {
  const std::string from = options_.baseline.ends_with(".npy") ? "the baseline" : options_.baseline;
  return fmt::format("red: it grows on the pixel's way from {} to the image, calm pixels first; blue: it falls", from);
}

Maps GuidedIntegratedGradients::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const Tensor from = IntegratedGradients({.baseline = options_.baseline}).baselines(x, question);
  const auto at_end = values(subject.table(x, question.objective), question.objective, question.targets);
  const auto at_begin = values(subject.table(from, question.objective), question.objective, question.targets);
  std::vector<GuidedPath> paths;
  for (int64_t n = 0; n < x.shape()[0]; ++n) paths.emplace_back(from.row(n), x.row(n));

  Tensor points(x.shape());
  for (int64_t i = 0; i <= options_.steps; ++i) {
    for (size_t n = 0; n < paths.size(); ++n)
      std::transform(paths[n].at().begin(), paths[n].at().end(), points.row(static_cast<int64_t>(n)).begin(),
                     [](double v) { return static_cast<float>(v); });
    const Tensor slope = slopes(subject, points, question);
    for (size_t n = 0; n < paths.size(); ++n) {
      const auto here = slope.row(static_cast<int64_t>(n));
      paths[n].arrive(here);
      if (i < options_.steps) paths[n].step(i, options_.steps, options_.fraction, options_.band, here);
    }
  }

  Maps maps{Tensor(x.shape()), {}};
  for (size_t n = 0; n < paths.size(); ++n) {
    double sum = 0;
    for (const double v : paths[n].map()) sum += v;
    std::transform(paths[n].map().begin(), paths[n].map().end(), maps.values.row(static_cast<int64_t>(n)).begin(),
                   [](double v) { return static_cast<float>(v); });
    const double difference = at_end[n] - at_begin[n];
    maps.completeness.push_back({.difference = difference, .gap = std::abs(sum - difference), .steps = options_.steps});
  }
  return maps;
}

}  // namespace convscope

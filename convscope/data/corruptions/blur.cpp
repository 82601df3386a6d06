#include "convscope/data/corruptions/blur.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace convscope {

namespace {

/** The disk's weights, summing to 1. */
std::vector<Tap> disk(double radius, double sigma, double scale) {
  const int64_t half = std::max<int64_t>(8, static_cast<int64_t>(std::ceil(radius)));
  const int64_t reach = std::max<int64_t>(1, std::llround(scale));  // of the window of the Gaussian
  std::vector<std::pair<int64_t, int64_t>> in;
  for (int64_t i = -half; i <= half; ++i)
    for (int64_t j = -half; j <= half; ++j)
      if (static_cast<double>(i * i + j * j) <= radius * radius) in.emplace_back(i, j);
  const std::vector<double> soft = gaussian_weights(sigma, reach);
  std::map<std::pair<int64_t, int64_t>, double> weights;
  for (const auto& [i, j] : in)
    for (int64_t di = -reach; di <= reach; ++di)
      for (int64_t dj = -reach; dj <= reach; ++dj)
        weights[{i + di, j + dj}] +=
            soft[static_cast<size_t>(di + reach)] * soft[static_cast<size_t>(dj + reach)] / static_cast<double>(in.size());
  std::vector<Tap> taps;
  for (const auto& [place, weight] : weights) taps.push_back({place.first, place.second, weight});
  return taps;
}

}  // namespace

void DefocusBlur::apply(int64_t severity, Chance&, Planes& x) const {
  struct Lens {
    double radius, sigma;
  };
  constexpr std::array<Lens, kSeverities> kLenses = {{{0.3, 0.4}, {0.4, 0.5}, {0.5, 0.6}, {1, 0.2}, {1.5, 0.1}}};
  const auto [radius, sigma] = at_severity(kLenses, severity);
  // On pictures smaller than those of the definition its smallest lenses would be one pixel, and blur nothing.
  const double scale = std::max(1.0, scale_of(x));
  x = filtered(x, disk(radius * scale, sigma * scale, scale), Border::reflect101);
}

void GlassBlur::apply(int64_t severity, Chance& chance, Planes& x) const {
  struct Glass {
    double sigma;
    int64_t delta, times;
  };
  constexpr std::array<Glass, kSeverities> kGlasses = {{{0.05, 1, 1}, {0.25, 1, 1}, {0.4, 1, 1}, {0.25, 1, 2}, {0.4, 1, 2}}};
  const Glass& glass = at_severity(kGlasses, severity);
  const double sigma = glass.sigma * scale_of(x);
  const int64_t delta = std::max<int64_t>(1, std::llround(static_cast<double>(glass.delta) * scale_of(x)));
  x = gaussian_blurred(x, sigma);
  for (double& v : x.values) v = cut_level(v);
  for (int64_t time = 0; time < glass.times; ++time)
    for (int64_t i = x.rows - delta; i > delta; --i)
      for (int64_t j = x.columns - delta; j > delta; --j) {
        const int64_t right = chance.below(2 * delta) - delta, down = chance.below(2 * delta) - delta;
        for (int64_t c = 0; c < x.channels; ++c) x.at(c, i, j) = x.at(c, i + down, j + right);
      }
  x = gaussian_blurred(x, sigma);
}

void MotionBlur::apply(int64_t severity, Chance& chance, Planes& x) const {
  struct Motion {
    double radius, sigma;
  };
  constexpr std::array<Motion, kSeverities> kMotions = {{{6, 1}, {6, 1.5}, {6, 2}, {8, 2}, {9, 2.5}}};
  const auto [radius, sigma] = at_severity(kMotions, severity);
  x = motion_blurred(x, radius * scale_of(x), sigma * scale_of(x), chance.uniform(-45, 45));
}

void ZoomBlur::apply(int64_t severity, Chance&, Planes& x) const {
  constexpr std::array<int64_t, kSeverities> kZooms = {7, 12, 16, 21, 26};
  const int64_t zooms = at_severity(kZooms, severity);
  constexpr double kStep = (1 + 0.01) - 1;  // as NumPy's arange has it: the last zoom is a hair above 1.25, and one pixel larger for it
  Planes sum = x;
  for (int64_t k = 0; k < zooms; ++k) {
    const Planes large = zoomed(x, 1 + kStep * static_cast<double>(k));
    for (size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += large.values[i];
  }
  for (double& v : sum.values) v /= static_cast<double>(zooms + 1);
  x = std::move(sum);
}

void GaussianBlur::apply(int64_t severity, Chance&, Planes& x) const {
  constexpr std::array<double, kSeverities> kSigma = {0.4, 0.6, 0.7, 0.8, 1};
  x = gaussian_blurred(x, at_severity(kSigma, severity) * scale_of(x));
}

}  // namespace convscope

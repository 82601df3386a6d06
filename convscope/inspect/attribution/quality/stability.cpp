#include "convscope/inspect/attribution/quality/stability.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/results/correlation.h"

namespace convscope {

namespace {

/** ‖b − a‖ / ‖a‖; NaN where a is nothing, or only rounding beside b. */
double relative_change(std::span<const float> a, std::span<const float> b) {
  constexpr double kRounding = 1e-6;
  double change = 0, own = 0, other = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    change += std::pow(static_cast<double>(b[i]) - a[i], 2);
    own += static_cast<double>(a[i]) * a[i];
    other += static_cast<double>(b[i]) * b[i];
  }
  return own > kRounding * kRounding * other ? std::sqrt(change / own) : kUnknown;
}

std::vector<double> sizes(std::span<const float> map) {
  std::vector<double> all;
  for (const float v : map) all.push_back(std::abs(v));
  return all;
}

}  // namespace

std::vector<double> SensitivityMax::measure(const CheckedQuestion& asked, const Mapmaker& maker) const {
  constexpr float kRadius = 0.02f;
  const RandomStream random(asked.question.seed, "map quality/sensitivity");
  const int64_t images = asked.images(), draws = asked.options.draws;
  // Few images share a batch with copies of themselves.
  const int64_t together = std::clamp<int64_t>(asked.subject.batch() / std::max<int64_t>(1, images), 1, draws);
  std::vector<double> largest(static_cast<size_t>(images));
  for (int64_t first = 0; first < draws; first += together) {
    const int64_t some = std::min(together, draws - first);
    Tensor near(asked.x.shape().with_batch(some * images));
    for (int64_t k = 0; k < some * images; ++k) {
      const auto part = static_cast<uint64_t>(asked.question.number(k % images)) << 20 | static_cast<uint64_t>(first + k / images);
      const auto image = asked.x.row(k % images);
      for (size_t i = 0; i < image.size(); ++i)
        near.row(k)[i] = std::clamp(image[i] + kRadius * (2 * random.uniform(i, part) - 1), 0.0f, 1.0f);
    }
    const Tensor evidence = maker.other(near, some);
    for (int64_t k = 0; k < some * images; ++k) {
      double& most = largest[static_cast<size_t>(k % images)];
      const double change = relative_change(maker.evidence.row(k % images), evidence.row(k));
      if (!(change <= most)) most = std::isnan(most) ? most : change;
    }
  }
  return largest;
}

std::vector<double> ModelRandomisation::measure(const CheckedQuestion& asked, const Mapmaker& maker) const {
  std::vector<double> alike(static_cast<size_t>(asked.images()));
  for (const std::vector<double>& state : curve(asked, maker))
    for (size_t n = 0; n < alike.size(); ++n) alike[n] += state[n] / static_cast<double>(asked.stages);
  return alike;
}

std::vector<std::vector<double>> ModelRandomisation::curve(const CheckedQuestion& asked, const Mapmaker& maker) const {
  std::vector<std::vector<double>> all;
  for (int64_t stage = 1; stage <= asked.stages; ++stage) {
    const Tensor evidence = maker.redrawn(stage);
    std::vector<double>& alike = all.emplace_back();
    for (int64_t n = 0; n < asked.images(); ++n) alike.push_back(rank_likeness(sizes(maker.evidence.row(n)), sizes(evidence.row(n))));
  }
  return all;
}

std::vector<double> Sparseness::measure(const CheckedQuestion& asked, const Mapmaker& maker) const {
  constexpr double kLeast = 1e-7;
  std::vector<double> all;
  for (int64_t n = 0; n < asked.images(); ++n) {
    std::vector<double> sorted = sizes(maker.evidence.row(n));
    std::sort(sorted.begin(), sorted.end());
    if (const double largest = sorted.back(); largest > 0)
      for (double& v : sorted) v /= largest;
    const double count = static_cast<double>(sorted.size());
    double weighted = 0, sum = 0;
    for (size_t i = 0; i < sorted.size(); ++i) {
      weighted += (2 * static_cast<double>(i + 1) - count - 1) * (sorted[i] + kLeast);
      sum += sorted[i] + kLeast;
    }
    all.push_back(weighted / (count * sum));
  }
  return all;
}

std::vector<double> Complexity::measure(const CheckedQuestion& asked, const Mapmaker& maker) const {
  std::vector<double> all;
  for (int64_t n = 0; n < asked.images(); ++n) {
    double sum = 0, entropy = 0;
    const double pixels = static_cast<double>(asked.pixels());
    for (const float v : maker.evidence.row(n)) sum += std::abs(v);
    if (sum == 0) {
      all.push_back(std::log(pixels));  // evidence nowhere is as good as everywhere
      continue;
    }
    for (const float v : maker.evidence.row(n))
      if (v != 0) entropy -= std::abs(v) / sum * std::log(std::abs(v) / sum);
    all.push_back(entropy);
  }
  return all;
}

}  // namespace convscope

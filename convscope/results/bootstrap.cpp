#include "convscope/results/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/results/result.h"

namespace convscope {

std::array<double, 2> bootstrap_interval_95(int64_t images, const std::function<double(std::span<const int64_t>)>& statistic,
                                            int64_t draws) {
  if (images < 2) return {kUnknown, kUnknown};
  const RandomStream random(1, "bootstrap");
  std::vector<int64_t> places(static_cast<size_t>(images));
  std::vector<double> found;
  for (int64_t d = 0; d < draws; ++d) {
    for (size_t i = 0; i < places.size(); ++i)
      places[i] = static_cast<int64_t>(random.below(static_cast<uint64_t>(images), i, static_cast<uint64_t>(d)));
    if (const double value = statistic(places); !std::isnan(value)) found.push_back(value);
  }
  if (found.size() < 2) return {kUnknown, kUnknown};
  std::sort(found.begin(), found.end());
  const auto quantile = [&](double share) {
    return found[static_cast<size_t>(std::lround(share * static_cast<double>(found.size() - 1)))];
  };
  const std::array<double, 2> interval{quantile(0.025), quantile(0.975)};
  if (!std::isfinite(interval[0]) || !std::isfinite(interval[1])) return {kUnknown, kUnknown};  // of a ratio to nearly nothing
  return interval;
}

std::array<double, 2> bootstrap_interval_of_mean(std::span<const double> values) {
  return bootstrap_interval_95(std::ssize(values), [&](std::span<const int64_t> places) {
    double sum = 0;
    for (const int64_t i : places) sum += values[static_cast<size_t>(i)];
    return sum / static_cast<double>(places.size());
  });
}

}  // namespace convscope

#include "convscope/results/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/results/result.h"

namespace convscope {

namespace {

/** 1 … n, equal values sharing the mean of theirs. */
std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<double>(begin + end + 1) / 2;
    begin = end;
  }
  return ranks;
}

}  // namespace

std::array<double, 2> bootstrap_interval_95(int64_t images, const std::function<double(std::span<const int64_t>)>& statistic,
                                            int64_t draws) {
  if (images < 2) return {kUnknown, kUnknown};
  const RandomStream random(1, "bootstrap");
  std::vector<int64_t> places(static_cast<size_t>(images));
  std::vector<double> found;
  for (int64_t d = 0; d < draws; ++d) {
    for (size_t i = 0; i < places.size(); ++i)
      places[i] = static_cast<int64_t>(random.below(static_cast<uint64_t>(images), i, static_cast<uint64_t>(d)));
    if (const double value = statistic(places); std::isfinite(value)) found.push_back(value);
  }
  if (found.size() < 2) return {kUnknown, kUnknown};
  std::sort(found.begin(), found.end());
  const auto quantile = [&](double share) {
    return found[static_cast<size_t>(std::lround(share * static_cast<double>(found.size() - 1)))];
  };
  return {quantile(0.025), quantile(0.975)};
}

std::array<double, 2> bootstrap_interval_of_mean(std::span<const double> values) {
  return bootstrap_interval_95(std::ssize(values), [&](std::span<const int64_t> places) {
    double sum = 0;
    for (const int64_t i : places) sum += values[static_cast<size_t>(i)];
    return sum / static_cast<double>(places.size());
  });
}

double rank_correlation(std::span<const double> a, std::span<const double> b) {
  require(a.size() == b.size(), "ranks of {} and of {} values", a.size(), b.size());
  const std::vector<double> ranks_a = ranks_of(a), ranks_b = ranks_of(b);
  const double mean = static_cast<double>(a.size() + 1) / 2;
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += (ranks_a[i] - mean) * (ranks_b[i] - mean);
    aa += (ranks_a[i] - mean) * (ranks_a[i] - mean);
    bb += (ranks_b[i] - mean) * (ranks_b[i] - mean);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : kUnknown;
}

}  // namespace convscope

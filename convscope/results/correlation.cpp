#include "convscope/results/correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/results/result.h"

namespace convscope {

namespace {

/** Each number's rank from 1 on; equal ones share the mean of theirs. */
std::vector<double> ranks(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> all(values.size());
  for (size_t first = 0; first < order.size();) {
    size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    for (size_t i = first; i < end; ++i) all[order[i]] = 0.5 * static_cast<double>(first + end + 1);
    first = end;
  }
  return all;
}

bool constant(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); });
}

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

double correlation(std::span<const double> a, std::span<const double> b) {
  const double n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n, mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double both = 0, own_a = 0, own_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    both += (a[i] - mean_a) * (b[i] - mean_b);
    own_a += (a[i] - mean_a) * (a[i] - mean_a);
    own_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return own_a > 0 && own_b > 0 ? both / std::sqrt(own_a * own_b) : 0;
}

double rank_correlation(std::span<const double> a, std::span<const double> b) {
  require(a.size() == b.size(), "ranks of {} and of {} values", a.size(), b.size());
  if (!finite(a) || !finite(b) || constant(a) || constant(b)) return kUnknown;
  return correlation(ranks(a), ranks(b));
}

double rank_likeness(std::span<const double> a, std::span<const double> b) {
  const double known = rank_correlation(a, b);
  if (std::isfinite(known)) return known;
  return finite(a) && finite(b) && constant(a) && constant(b) ? 1 : 0;
}

}  // namespace convscope

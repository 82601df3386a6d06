#include "convscope/results/spread.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "convscope/results/result.h"

namespace convscope {

namespace {

/** P(|T| ≤ t), Abramowitz and Stegun 26.7.3 and 26.7.4: a finite sum for a whole number of degrees of freedom. */
double share_within(double t, int64_t freedom) {
  const double angle = std::atan(t / std::sqrt(static_cast<double>(freedom))), cosine = std::cos(angle), sine = std::sin(angle);
  const bool odd = freedom % 2 == 1;
  double term = odd ? cosine : 1, sum = freedom == 1 ? 0 : term;
  for (int64_t k = odd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= cosine * cosine * static_cast<double>(k - 1) / static_cast<double>(k);
    sum += term;
  }
  return odd ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
}

}  // namespace

double t_quantile_975(int64_t freedom) {
  assert(freedom >= 1);
  double low = 0, high = 16;  // 12.71 with one degree of freedom, less with more
  while (true) {
    const double middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    (share_within(middle, freedom) < 0.95 ? low : high) = middle;
  }
}

Spread spread_of(std::span<const double> values, Bounds bounds) {
  if (values.empty()) return {kUnknown, kUnknown, {}};
  const double n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double v : values) sum += v;
  const double mean = sum / n;
  if (values.size() == 1) return {mean, kUnknown, {}};
  for (const double v : values) squares += (v - mean) * (v - mean);
  const double deviation = std::sqrt(squares / (n - 1)), reach = t_quantile_975(std::ssize(values) - 1) * deviation / std::sqrt(n);
  return {mean, deviation, {std::max(bounds.low, mean - reach), std::min(bounds.high, mean + reach)}};
}

double median_of(std::vector<double> values) {
  require(!values.empty(), "the median of no values");
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

std::array<double, 2> median_interval_95(std::vector<double> values) {
  require(!values.empty(), "the median of no values");
  std::sort(values.begin(), values.end());
  const double n = static_cast<double>(values.size()), reach = 1.96 * std::sqrt(n);
  const auto at = [&](double rank) { return values[static_cast<size_t>(std::clamp(rank, 1.0, n)) - 1]; };
  return {at(std::floor((n - reach) / 2)), at(std::ceil((n + reach) / 2) + 1)};
}

}  // namespace convscope

#include "convscope/results/paired_difference.h"

#include <algorithm>
#include <cmath>

namespace convscope {

namespace {

/** log of n! / (k! (n − k)!); lgamma_r, for lgamma writes to a global. */
double log_choose(int64_t n, int64_t k) {
  int sign = 0;
  const auto log_factorial = [&](int64_t v) { return lgamma_r(static_cast<double>(v) + 1, &sign); };
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

}  // namespace

double PairedCounts::difference() const {
  return total() == 0 ? 0 : static_cast<double>(first_alone - second_alone) / static_cast<double>(total());
}

double mcnemar_p(const PairedCounts& counts) {
  const int64_t n = counts.first_alone + counts.second_alone, fewer = std::min(counts.first_alone, counts.second_alone);
  double p = 0;
  for (int64_t k = 0; k <= fewer; ++k) p += 2 * std::exp(log_choose(n, k) - static_cast<double>(n) * std::log(2.0));
  return std::min(1.0, p);
}

std::array<double, 2> paired_interval(const PairedCounts& counts) {
  if (counts.total() == 0) return {-1, 1};
  constexpr double z = 1.959963984540054;
  const double n = static_cast<double>(counts.total()) + 2;
  const double first = (static_cast<double>(counts.first_alone) + 1) / n, second = (static_cast<double>(counts.second_alone) + 1) / n;
  const double middle = first - second, reach = z * std::sqrt((first + second - middle * middle) / n);
  return {std::max(-1.0, middle - reach), std::min(1.0, middle + reach)};
}

}  // namespace convscope

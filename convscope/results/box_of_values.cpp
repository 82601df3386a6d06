#include "convscope/results/box_of_values.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "convscope/base/error.h"

namespace convscope {

namespace {

/** Between two of the sorted values where it falls so. */
double quantile(std::span<const double> sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1), whole = std::floor(at);
  const size_t i = static_cast<size_t>(whole), next = std::min(i + 1, sorted.size() - 1);
  return sorted[i] + (sorted[next] - sorted[i]) * (at - whole);
}

}  // namespace

BoxOfValues box_of(std::vector<double> values) {
  require(!values.empty(), "a box of no values");
  std::sort(values.begin(), values.end());
  BoxOfValues box;
  box.quartile_1 = quantile(values, 0.25);
  box.median = quantile(values, 0.5);
  box.quartile_3 = quantile(values, 0.75);
  const double reach = 1.5 * (box.quartile_3 - box.quartile_1);
  box.low = box.quartile_1;
  box.high = box.quartile_3;
  for (const double v : values) {
    if (v < box.quartile_1 - reach || v > box.quartile_3 + reach)
      box.outliers.push_back(v);
    else
      box.low = std::min(box.low, v), box.high = std::max(box.high, v);
  }
  return box;
}

}  // namespace convscope

#include "convscope/results/consistency_record.h"

#include <algorithm>

#include "convscope/results/evaluation.h"
#include "convscope/results/spread.h"

namespace convscope {

MeanOfImages mean_of_images(std::span<const double> values) {
  if (values.empty()) return {};
  const bool alike = std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); });
  if (alike && (values.front() == 0 || values.front() == 1)) {
    const int64_t count = std::ssize(values);
    return {values.front(), wilson_interval(values.front() == 1 ? count : 0, count)};
  }
  const Spread spread = spread_of(values, kShares);
  if (spread.interval_95.empty()) return {spread.mean, {0, 1}};
  return {spread.mean, {spread.interval_95[0], spread.interval_95[1]}};
}

}  // namespace convscope

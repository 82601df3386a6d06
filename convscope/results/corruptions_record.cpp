#include "convscope/results/corruptions_record.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace convscope {

std::array<double, 2> interval_by_images(std::span<const double> shares) {
  if (shares.empty()) return {0, 1};
  const double n = static_cast<double>(shares.size()), mean = std::accumulate(shares.begin(), shares.end(), 0.0) / n;
  double squares = 0;
  for (const double s : shares) squares += (s - mean) * (s - mean);
  const double reach = shares.size() > 1 ? 1.959963984540054 * std::sqrt(squares / (n - 1) / n) : 1;
  return {std::max(0.0, mean - reach), std::min(1.0, mean + reach)};
}

std::string corruptions_csv(const CorruptionsRecord& record) {
  std::string csv = "corruption,kind,severity,accuracy,low,high,correct,total\n";
  csv += fmt::format("clean,,0,{},{},{},{},{}\n", record.clean_accuracy, record.clean_interval_95[0], record.clean_interval_95[1],
                     std::llround(record.clean_accuracy * static_cast<double>(record.images)), record.images);
  for (const CorruptionPoint& p : record.corruptions)
    csv += fmt::format("{},{},{},{},{},{},{},{}\n", p.name, p.kind, p.severity, p.accuracy, p.accuracy_interval_95[0],
                       p.accuracy_interval_95[1], p.correct, p.total);
  return csv;
}

}  // namespace convscope

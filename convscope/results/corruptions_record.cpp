#include "convscope/results/corruptions_record.h"

#include <cmath>

namespace convscope {

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

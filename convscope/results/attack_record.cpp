#include "convscope/results/attack_record.h"

#include "convscope/results/inspection.h"

namespace convscope {

void AttackImage::check(std::string_view whose) const {
  for (const std::string& file : {clean, noise, result}) require_beside(file, whose);
}

void AttackRecord::check(std::string_view whose) const {
  for (const std::string& file : {pictures, indices, csv}) require_beside(file, whose);
  for (const AttackClass& c : classes)
    require(c.accuracy.size() == curve.size() && c.accuracy_interval_95.size() == curve.size() && c.success_rate.size() == curve.size(),
            "{}: class '{}' has {} accuracies, the curve has {} points", whose, c.name, c.accuracy.size(), curve.size());
}

std::string attack_images_csv(const std::vector<AttackImage>& images) {
  std::string csv;
  for (const FieldHelp& field : help<AttackImage>()) csv += (csv.empty() ? "" : ",") + field.name;
  csv += '\n';
  for (AttackImage image : images) {
    std::string line;
    image.fields([&](std::string_view, auto& value, std::string_view) {
      if (!line.empty()) line += ',';
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::string>)
        line += csv_cell(value);
      else
        line += fmt::format("{}", value);
    });
    csv += line + '\n';
  }
  return csv;
}

}  // namespace convscope

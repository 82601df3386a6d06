#include "convscope/results/attack_record.h"

#include <cmath>

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

std::string_view outcome_of(const AttackImage& image) {
  if (!image.outcome.empty()) return image.outcome;
  if (!image.taken_for.empty() && image.taken_for != image.from) return "wrong before";
  return image.success ? "reached" : "missed";
}

std::string attack_pairs_csv(const AttackRecord& record) {
  std::string csv = "from,to,attempts,successes,rate,iterations,linf,l2\n";
  const auto number = [](double v) { return std::isfinite(v) ? fmt::format("{}", v) : std::string(); };
  for (const AttackPair& p : record.pairs)
    csv += fmt::format("{},{},{},{},{},{},{},{}\n", csv_cell(p.from), csv_cell(p.to), p.attempts, p.successes, number(p.rate),
                       number(p.iterations), number(p.linf), number(p.l2));
  return csv;
}

std::string attack_classes_csv(const AttackRecord& record) {
  std::string csv = "class,total,correct,clean_accuracy,epsilon,accuracy,low,high,success_rate\n";
  for (const AttackClass& c : record.classes)
    for (size_t e = 0; e < record.curve.size(); ++e)
      csv += fmt::format("{},{},{},{},{},{},{},{},{}\n", csv_cell(c.name), c.total, c.correct, c.clean_accuracy, record.curve[e].epsilon,
                         c.accuracy[e], c.accuracy_interval_95[e][0], c.accuracy_interval_95[e][1], c.success_rate[e]);
  return csv;
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

#include "convscope/results/map_quality.h"

#include <cmath>

#include "convscope/base/join.h"
#include "convscope/results/spread.h"

namespace convscope {

namespace {

constexpr double kErrors = 2, kAlike = 0.5;
constexpr std::array<const char*, 3> kControlNames{"noise", "the centre", "a random network"};

/** Whether the differences are above 0 by more than two standard errors. */
bool clearly_positive(std::span<const double> differences) {
  const Spread spread = spread_of(differences);
  return spread.mean > kErrors * spread.deviation / std::sqrt(static_cast<double>(differences.size()));
}

std::vector<double> gain(const std::vector<double>& method, const std::vector<double>& control, bool lower) {
  std::vector<double> all;
  for (size_t n = 0; n < method.size(); ++n) all.push_back(lower ? control[n] - method[n] : method[n] - control[n]);
  return all;
}

std::string against_controls(const MeasuredMaps& measured, bool lower) {
  std::vector<std::string> not_beaten;
  for (size_t c = 0; c < kControlNames.size(); ++c)
    if (!clearly_positive(gain(measured.method, measured.controls[c], lower))) not_beaten.emplace_back(kControlNames[c]);
  return not_beaten.empty() ? "better than all controls" : fmt::format("no better than {}", join(not_beaten, " and "));
}

std::string by_weights(const std::vector<double>& likeness) {
  return clearly_positive(gain(likeness, std::vector<double>(likeness.size(), kAlike), true)) ? "changes with the weights"
                                                                                              : "hardly changes with the weights";
}

}  // namespace

MapQuality judged(MapQuality told, const MeasuredMaps& measured, Judged rule) {
  const Spread spread = spread_of(measured.method);
  told.value = spread.mean;
  told.interval = spread.interval_95;
  told.controls = {spread_of(measured.controls[0]).mean, spread_of(measured.controls[1]).mean, spread_of(measured.controls[2]).mean};
  if (rule == Judged::not_at_all) return told;
  if (measured.method.size() < 2)
    told.verdict = "one image: not judged";
  else
    told.verdict = rule == Judged::by_weights ? by_weights(measured.method) : against_controls(measured, told.better == "lower");
  return told;
}

std::string quality_text(std::span<const MapQuality> quality) {
  std::vector<std::pair<std::string, std::vector<std::string>>> verdicts;
  for (const MapQuality& q : quality) {
    if (q.verdict.empty()) continue;
    size_t at = 0;
    while (at < verdicts.size() && verdicts[at].first != q.verdict) ++at;
    if (at == verdicts.size()) verdicts.push_back({q.verdict, {}});
    verdicts[at].second.push_back(q.metric);
  }
  std::string text;
  for (const auto& [verdict, metrics] : verdicts) text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", verdict, join(metrics, ", "));
  return text;
}

std::string quality_number(double value) {
  if (std::isnan(value)) return "–";
  return std::abs(value) < 10 ? fmt::format("{:.3f}", value) : fmt::format("{:.1f}", value);
}

}  // namespace convscope

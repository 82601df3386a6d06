#include "convscope/results/map_quality.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/join.h"
#include "convscope/results/spread.h"

namespace convscope {

namespace {

constexpr double kErrors = 2, kChanged = 0.2, kAlike = 0.5;  // of likeness: clearly below the one, not clearly below the other
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
  const auto clearly_below = [&](double limit) {
    return clearly_positive(gain(likeness, std::vector<double>(likeness.size(), limit), true));
  };
  if (clearly_below(kChanged)) return "changes with the weights";
  return clearly_below(kAlike) ? "partly changes with the weights" : "hardly changes with the weights";
}

/** Of the images of which there is a number. */
Spread spread_of_known(std::vector<double> values, Bounds bounds = {}) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  return spread_of(values, bounds);
}

}  // namespace

MapQuality judged(MapQuality told, const MeasuredMaps& measured, Judged rule, Bounds bounds) {
  const Spread spread = spread_of_known(measured.method, bounds);
  told.value = spread.mean;
  told.interval = spread.interval_95;
  const auto mean = [](const std::vector<double>& values) { return spread_of_known(values).mean; };
  told.controls = {mean(measured.controls[0]), mean(measured.controls[1]), mean(measured.controls[2])};
  const auto& curves = measured.curves;
  for (const std::vector<double>& state : curves[0]) told.curve.push_back(mean(state));
  if (!told.curve.empty()) told.curve_ends = MapControls{mean(curves[1].back()), mean(curves[2].back()), mean(curves[3].back())};
  if (rule == Judged::not_at_all) {
    if (const int64_t none = std::count_if(measured.method.begin(), measured.method.end(), [](double v) { return std::isnan(v); });
        none > 0)
      told.verdict = fmt::format("not defined of {} of {} images, whose map is zero", none, measured.method.size());
    return told;
  }
  if (measured.method.size() < 2)
    told.verdict = "one image: not judged";
  else
    told.verdict = rule == Judged::by_weights ? by_weights(curves[0].back()) : against_controls(measured, told.better == "lower");
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

std::string curve_text(const MapQuality& q) {
  if (q.curve.empty() || !q.curve_ends) return "";
  return fmt::format("ends at {} with all layers drawn anew; of noise at {}, of a random network at {}", quality_number(q.curve.back()),
                     quality_number(q.curve_ends->random), quality_number(q.curve_ends->random_network));
}

std::string quality_number(double value) {
  if (std::isnan(value)) return "–";
  return std::abs(value) < 10 ? fmt::format("{:.3f}", value) : fmt::format("{:.1f}", value);
}

}  // namespace convscope

#include "convscope/report/attack/attack_curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <type_traits>
#include <utility>

#include "convscope/report/draw/chart.h"
#include "convscope/report/draw/run_colour.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/inspection.h"

namespace convscope {

namespace {

constexpr double kAttackCurveTop = 112, kAttackCurveBetween = 28, kPlotWidth = 460, kAttackCurvePlotHeight = 300;

PlotLine attack_line(const AttackRecord& record, std::string name, Colour colour, double width, double AttackPoint::*share) {
  PlotLine line{std::move(name), colour, width, {}};
  for (const AttackPoint& p : record.curve) line.values.push_back({p.epsilon, 100 * p.*share});
  return line;
}

/** One end of an accuracy's 95 % interval, without words. */
PlotLine interval_line(const AttackRecord& record, size_t end) {
  PlotLine line{"", mix(kPaper, kBlue, 0.4), 1, {}};
  for (const AttackPoint& p : record.curve) line.values.push_back({p.epsilon, 100 * p.accuracy_interval_95[end]});
  return line;
}

/** Across the whole panel. */
PlotLine clean_line(double share, std::pair<double, double> ends) {
  PlotLine line{"clean", kMuted, 1, {{ends.first, 100 * share}, {ends.second, 100 * share}}};
  line.told = false;
  return line;
}

std::vector<PlotLine> lines_of_one(const AttackRecord& r, std::pair<double, double> ends) {
  if (aims(r))
    return {attack_line(r, "as 8 bits", kOrange, 1.6, &AttackPoint::success_rate_8bit),
            attack_line(r, "success", kBlue, 2.2, &AttackPoint::success_rate)};
  std::vector<PlotLine> lines{clean_line(clean_share(r), ends)};
  if (std::any_of(r.curve.begin(), r.curve.end(), [](const AttackPoint& p) { return std::isfinite(p.top5_accuracy); }))
    lines.push_back(attack_line(r, "top 5", kRunColours[2], 1.6, &AttackPoint::top5_accuracy));
  const bool outside = std::any_of(r.curve.begin(), r.curve.end(), [](const AttackPoint& p) { return p.outside_8bit > 0; });
  lines.push_back(attack_line(r, outside ? "as 8 bits, out of the ball" : "as 8 bits", kOrange, 1.6, &AttackPoint::accuracy_8bit));
  for (const size_t end : {0, 1}) lines.push_back(interval_line(r, end));
  lines.push_back(attack_line(r, "top 1", kBlue, 2.2, &AttackPoint::accuracy));
  return lines;
}

bool same_when_clean(std::span<const AttackLine> attacks) {
  return std::all_of(attacks.begin(), attacks.end(),
                     [&](const AttackLine& a) { return clean_share(*a.record) == clean_share(*attacks.front().record); });
}

/** Its pictures as 8 bits hold them: a thin line without words; the bold one tells what both are. */
PlotLine rounded_line(const AttackLine& a) {
  PlotLine line = attack_line(*a.record, "", mix(kPaper, a.colour, 0.55), 1.2,
                              aims(*a.record) ? &AttackPoint::success_rate_8bit : &AttackPoint::accuracy_8bit);
  line.told = false;
  return line;
}

PlotLine bold_line(const AttackLine& a) {
  PlotLine line = attack_line(*a.record, a.name, a.colour, 2, aims(*a.record) ? &AttackPoint::success_rate : &AttackPoint::accuracy);
  line.named = a.named;
  return line;
}

/** 95 % intervals, an upright stroke at each ε. */
void add_intervals(std::vector<PlotLine>& lines, const AttackLine& a) {
  for (const AttackPoint& p : a.record->curve) {
    const auto& [low, high] = aims(*a.record) ? p.success_interval_95 : p.accuracy_interval_95;
    if (low <= 0 && high >= 1) continue;  // not told
    PlotLine& stroke = lines.emplace_back(PlotLine{"", mix(kPaper, a.colour, 0.45), 3, {{p.epsilon, 100 * low}, {p.epsilon, 100 * high}}});
    stroke.told = false;
  }
}

std::vector<PlotLine> lines_of_several(std::span<const AttackLine> attacks, std::pair<double, double> ends) {
  const bool aimed = aims(*attacks.front().record), same = same_when_clean(attacks);
  std::vector<PlotLine> lines;
  if (!aimed && same) lines.push_back(clean_line(clean_share(*attacks.front().record), ends));
  for (const AttackLine& a : attacks) add_intervals(lines, a);
  for (const AttackLine& a : attacks) lines.push_back(rounded_line(a));
  for (const AttackLine& a : attacks) {
    PlotLine& line = lines.emplace_back(bold_line(a));
    // Networks that differ when clean begin where they are then.
    if (!aimed && !same && line.values.front().x > 0) line.values.insert(line.values.begin(), {0, 100 * clean_share(*a.record)});
  }
  return lines;
}

bool is_wide(double low, double high) { return high >= 100 * low * (1 - 1e-9); }

/** From the smallest ε on where they span decades, else from 0; in levels of 8 bits where all were asked for so. */
Axis epsilon_axis(std::span<const AttackLine> attacks, EpsilonScale scale) {
  double low = INFINITY, high = 0;
  bool levels = true;
  for (const AttackLine& a : attacks)
    for (const AttackPoint& p : a.record->curve) {
      high = std::max(high, p.epsilon);
      if (p.epsilon > 0) low = std::min(low, p.epsilon), levels &= in_levels(p.epsilon);
    }
  if (high == 0) return Axis::linear(0, 1, 5);
  const double unit = levels ? 255 : 1;
  const bool logarithmic = scale == EpsilonScale::logarithmic || (scale == EpsilonScale::automatic && is_wide(low, high));
  const Axis axis = logarithmic ? Axis::logarithmic(unit * low, unit * high, 6) : Axis::linear(0, unit * high, 5);
  return levels ? axis.over(255) : axis;
}

}  // namespace

AttackPanel attack_panel(std::span<const AttackLine> attacks, EpsilonScale scale) {
  Axis axis = epsilon_axis(attacks, scale);
  const std::pair ends(axis.low(), axis.high());
  const AttackRecord& first = *attacks.front().record;
  std::vector<PlotLine> lines = attacks.size() == 1 ? lines_of_one(first, ends) : lines_of_several(attacks, ends);
  if (axis.is_logarithmic())
    for (PlotLine& line : lines) std::erase_if(line.values, [](const PlotValue& v) { return v.x <= 0; });
  AttackPanel made{percent_panel(aims(first) ? "Success, %" : "Accuracy under attack, %", std::move(lines)), std::move(axis)};
  for (PlotLine& line : made.panel.lines)
    if (line.name.empty()) line.end_label.clear();
  made.panel.values = Axis::linear(0, 100, 5);
  made.panel.along = fmt::format("epsilon, {}, of pixels in [0, 1]{}",
                                 first.norm == "l2"   ? "L2"
                                 : first.norm == "l1" ? "L1"
                                                      : "L∞",
                                 made.epsilons.is_logarithmic() ? "; logarithmic" : "");
  return made;
}

std::vector<std::pair<double, std::string>> epsilon_names(std::span<const AttackRecord* const> records) {
  std::map<double, std::string> names;
  for (const AttackRecord* r : records)
    for (const AttackPoint& p : r->curve) names.emplace(p.epsilon, epsilon_text(p.epsilon));
  return {names.begin(), names.end()};
}

std::vector<AttackPanel> attack_panels(std::span<const AttackRecord> records, EpsilonScale scale) {
  std::map<std::pair<bool, std::string>, std::vector<AttackLine>> kinds;
  const std::vector<std::string> names = attack_names(records);
  for (size_t i = 0; i < records.size(); ++i) {
    const AttackRecord& r = records[i];
    if (!r.bounded || r.curve.empty()) continue;
    std::vector<AttackLine>& alike = kinds[{aims(r), r.norm == "linf" ? "" : r.norm}];  // L∞ first
    alike.push_back({&r, names[i], run_colour(alike.size())});
  }
  std::vector<AttackPanel> panels;
  for (const auto& [kind, alike] : kinds) panels.push_back(attack_panel(alike, scale));
  return panels;
}

Figure attack_curve(std::span<const AttackRecord> records, EpsilonScale scale) {
  const std::vector<AttackPanel> panels = attack_panels(records, scale);
  require(!panels.empty(), "a robustness curve of attacks without an epsilon: there is nothing to draw");
  const auto count = static_cast<double>(panels.size());
  const double width = 2 * kFigureMargin + count * kPlotWidth + (count - 1) * kAttackCurveBetween;
  std::vector<Plot> plots;
  for (size_t i = 0; i < panels.size(); ++i)
    plots.emplace_back(panels[i].panel, panels[i].epsilons,
                       Box{kFigureMargin + static_cast<double>(i) * (kPlotWidth + kAttackCurveBetween), kAttackCurveTop, kPlotWidth,
                           kAttackCurvePlotHeight - Plot::kBelow});
  const AttackRecord& first = records.front();
  const std::string title = records.size() == 1 ? attack_name(first) : fmt::format("{} attacks", records.size());
  const std::string about = fmt::format("{} on {}; {} images", first.network.name, first.data.text(), first.total);
  return {width, kAttackCurveTop + kAttackCurvePlotHeight, "Robustness: " + title, [=](Canvas& canvas) {
            canvas.text({kFigureMargin, 36}, fitted(title, kFigureTitle, width - 2 * kFigureMargin), kFigureTitle);
            canvas.text({kFigureMargin, 56}, fitted(about, kSubtitle, width - 2 * kFigureMargin), kSubtitle);
            for (const Plot& plot : plots) plot.draw(canvas);
          }};
}

std::string attack_curve_csv(std::span<const AttackRecord> records) {
  std::string csv = "attack,goal,source,norm,clean_accuracy";
  for (const FieldHelp& field : help<AttackPoint>())
    if (field.name.find("interval") == std::string::npos)
      csv += "," + field.name;
    else
      csv += fmt::format(",{0}_low,{0}_high", field.name);
  csv += '\n';
  for (const AttackRecord& r : records)
    for (AttackPoint point : r.curve) {
      csv += fmt::format("{},{},{},{},{}", csv_cell(r.attack), csv_cell(r.goal), csv_cell(r.source), r.norm, r.clean_accuracy);
      point.fields([&](std::string_view, auto& value, std::string_view) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::array<double, 2>>) {
          csv += fmt::format(",{},{}", value[0], value[1]);
        } else if constexpr (std::is_floating_point_v<std::remove_cvref_t<decltype(value)>>) {
          csv += std::isfinite(value) ? fmt::format(",{}", value) : ",";
        } else {
          csv += fmt::format(",{}", value);
        }
      });
      csv += '\n';
    }
  return csv;
}

void write_attack_curve(const Path& folder, std::span<const AttackRecord> records, EpsilonScale scale) {
  if (!attack_panels(records, scale).empty()) write_figure(folder, "robustness-curve", attack_curve(records, scale));
  write_file(folder / "robustness-curve.csv", attack_curve_csv(records));
}

}  // namespace convscope

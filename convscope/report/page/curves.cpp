#include "convscope/report/page/curves.h"

#include <cmath>

namespace convscope {

namespace {

constexpr double kPagePlotWidth = 400,  // about what a phone shows, so that words keep their size there
    kPagePlotTop = 48;

Json told_axis(const Axis& axis) { return {{"ends", {axis.low(), axis.high()}}, {"logarithmic", axis.is_logarithmic()}}; }

Json told_lines(const PlotPanel& panel) {
  Json all = json_list();
  for (const PlotLine& line : panel.lines) {
    if (!line.told) continue;
    Json values = json_list();
    for (const PlotValue& v : line.values)
      if (std::isfinite(v.y)) values.push_back({v.x, v.y});
    all.push_back({{"name", line.name.empty() ? panel.heading : line.name}, {"colour", hex(line.colour)}, {"values", std::move(values)}});
  }
  return all;
}

}  // namespace

Html told_plot(std::string_view section, PlotPanel panel, Axis along, double height, const CurveWords& words, Json& plots) {
  const Plot plot(std::move(panel), std::move(along), {4, kPagePlotTop, kPagePlotWidth - 8, height - kPagePlotTop - Plot::kBelow});
  const Figure figure(kPagePlotWidth, height, plot.panel().heading, [&plot](Canvas& canvas) { plot.draw(canvas); });
  const Box& area = plot.area();
  const Html made = html("<figure class=\"plot\" data-plot=\"{}:{}\" tabindex=\"0\">{}</figure>\n", section, plots.size(), html_of(figure));
  plots.push_back({{"heading", plot.panel().heading},
                   {"area", {area.x, area.y, area.width, area.height}},
                   {"across", told_axis(plot.epochs())},
                   {"up", told_axis(plot.panel().values)},
                   {"place", words.place},
                   {"names", words.names},
                   {"lines", told_lines(plot.panel())}});
  return made;
}

}  // namespace convscope

#include "convscope/report/page/curves.h"

#include <cmath>

namespace convscope {

Html told_figure(std::string_view kind, size_t number, const Figure& figure) {
  return html("<figure class=\"plot\" data-{}=\"{}\" tabindex=\"0\">{}</figure>\n", kind, number, html_of(figure));
}

Json told_area(const Box& area) { return {area.x, area.y, area.width, area.height}; }

Json told_lines(std::span<const PlotLine> lines) {
  Json all = json_list();
  for (const PlotLine& line : lines) {
    Json values = json_list();
    for (const PlotValue& v : line.values)
      if (std::isfinite(v.y)) values.push_back({v.x, v.y});
    all.push_back({{"name", line.name}, {"colour", hex(line.colour)}, {"values", std::move(values)}});
  }
  return all;
}

}  // namespace convscope

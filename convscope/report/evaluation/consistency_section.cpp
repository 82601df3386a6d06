#include "convscope/report/evaluation/consistency_section.h"

#include <cmath>

#include "convscope/report/draw/line_plot.h"
#include "convscope/report/evaluation/consistency_figure.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

std::string said(double share) { return std::isfinite(share) ? percent_text(100 * share) : "–"; }

Html tile(std::string_view name, double value, const std::array<double, 2>& interval, std::string_view what) {
  return html("<div class=\"tile\"><span>{}</span><b>{}</b><small>{}; 95 % interval {} to {}</small></div>\n", name, said(value), what,
              said(interval[0]), said(interval[1]));
}

Html tiles(const Consistency& c) {
  Html all =
      tile("two crops", c.crop, c.crop_interval_95, fmt::format("the same class in two windows, up to {} pixels apart", 2 * c.shift));
  all +=
      tile("circular", c.circular, c.circular_interval_95, fmt::format("keep their class, mean over shifts of up to {} pixels", c.shift));
  all += tile("every shift", c.worst, c.worst_interval_95, "keep their class at each of these shifts");
  all += tile("half a pixel", c.half_pixel, c.half_pixel_interval_95, "keep their class");
  if (std::isfinite(c.worst_accuracy))
    all += tile("right at every shift", c.worst_accuracy, c.worst_accuracy_interval_95,
                fmt::format("{} are right unmoved", percent_text(100 * c.accuracy)));
  all += html(
      "<div class=\"tile\"><span>confidence</span><b>± {:.3f}</b><small>mean change by a circular shift; {:.3f} by half a "
      "pixel</small></div>\n",
      c.confidence_change, c.half_pixel_confidence_change);
  return html("<div class=\"tiles\">\n{}</div>\n", all);
}

Html class_table(const Consistency& c) {
  Html rows;
  for (const Consistency::OfClass& y : c.classes)
    rows += html(
        "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>"
        "<td class=\"number\">{}</td></tr>\n",
        y.name, y.images, said(y.crop), said(y.circular), said(y.worst), said(y.worst_accuracy));
  return html(
      "<div class=\"scroll\"><table>\n<thead><tr><th>class</th><th class=\"number\">images</th><th class=\"number\">two crops</th>"
      "<th class=\"number\">circular</th><th class=\"number\">every shift</th><th class=\"number\">right at every shift</th></tr></thead>\n"
      "<tbody>\n{}</tbody></table></div>\n",
      rows);
}

}  // namespace

bool ConsistencySection::applies(const Path& folder) const { return std::filesystem::exists(folder / kConsistency); }

std::string ConsistencySection::title(const Path& folder) const { return network_on_data(read_result(folder / kConsistency)); }

SectionContent ConsistencySection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  for (const RunFolder& run : runs) {
    const Consistency c = read_record<ConsistencyRecord>(run.path / kConsistency).consistency;
    const Figure figure = consistency_figure(c, "Where pictures may move");
    Html body = tiles(c);
    body += html("<figure style=\"--width:{}px\">{}</figure>\n", figure.width(), html_of(figure));
    if (!c.classes.empty()) body += class_table(c);
    content.body += part_of_run(run, body);
  }
  return content;
}

}  // namespace convscope

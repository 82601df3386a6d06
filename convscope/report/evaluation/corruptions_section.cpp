#include "convscope/report/evaluation/corruptions_section.h"

#include <cmath>
#include <map>
#include <set>

#include "convscope/report/evaluation/corruption_figures.h"
#include "convscope/report/page/curves.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr std::string_view kStyle = R"css(
#corruptions td.share { background: linear-gradient(to right, var(--surface) calc(100% * var(--share)), transparent 0); text-align: right; }
)css";

std::string range_text(const std::array<double, 2>& ends) {
  return fmt::format("{} to {}", percent_text(100 * ends[0]), percent_text(100 * ends[1]));
}

Html corruption_tiles(const CorruptionsRecord& r) {
  return html(
      "<div class=\"tiles\">\n<div class=\"tile\"><span>corrupted, mean</span><b>{}</b><small>over {}; 95 % interval {}</small></div>\n"
      "<div class=\"tile\"><span>clean</span><b>{}</b><small>the same {} images; 95 % interval {}</small></div>\n</div>\n",
      percent_text(100 * r.mean_accuracy), r.mean_over, range_text(r.mean_interval_95), percent_text(100 * r.clean_accuracy), r.images,
      range_text(r.clean_interval_95));
}

Html share_cell(double share) { return html("<td class=\"share number\" style=\"--share:{:.3f}\">{:.1f}</td>", share, 100 * share); }

Html corruption_table(const CorruptionsRecord& r) {
  std::set<int64_t> severities;
  std::map<std::pair<std::string, int64_t>, double> found;
  std::map<std::string, std::string> kind;
  for (const CorruptionPoint& p : r.corruptions) {
    severities.insert(p.severity);
    found[{p.name, p.severity}] = p.accuracy;
    kind[p.name] = p.kind;
  }
  Html heads, rows;
  for (const int64_t severity : severities) heads += html("<th class=\"number\">{}</th>", severity);
  for (const CorruptionMean& m : r.means) {
    Html cells;
    for (const int64_t severity : severities) {
      const auto cell = found.find({m.name, severity});
      cells += cell == found.end() ? Html("<td></td>") : share_cell(cell->second);
    }
    rows += html("<tr><th scope=\"row\">{}</th><td>{}</td>{}{}<td>{}</td></tr>\n", m.name, kind[m.name], cells, share_cell(m.accuracy),
                 range_text(m.interval_95));
  }
  return folded(html("each corruption at each severity"),
                html("<div class=\"scroll\"><table>\n<caption>Accuracy in per cent</caption>\n<thead><tr><th>corruption</th><th>kind</th>{}"
                     "<th class=\"number\">mean</th><th>95 % interval of the mean</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
                     heads, rows),
                true);
}

PlotLine mean_line(const RunFolder& run, const CorruptionsRecord& r) {
  PlotLine line{run.name, run.colour, 2, {{0, 100 * r.clean_accuracy}}, {}, false};
  for (const CorruptionMean& m : r.severities)
    if (const size_t blank = m.name.find(' '); blank != std::string::npos)
      line.values.push_back({std::stod(m.name.substr(blank)), 100 * m.accuracy});
  return line;
}

}  // namespace

bool CorruptionsSection::applies(const Path& folder) const { return std::filesystem::exists(folder / kCorruptionsFile); }

std::string CorruptionsSection::title(const Path& folder) const { return network_on_data(read_result(folder / kCorruptionsFile)); }

SectionContent CorruptionsSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["plots"] = json_list();
  Json& plots = content.data["plots"];
  std::vector<PlotLine> means;
  std::vector<Html> parts;
  for (const RunFolder& run : runs) {
    const auto record = read_record<CorruptionsRecord>(run.path / kCorruptionsFile);
    Html panels;
    for (PlotPanel& panel : corruption_panels(record))
      panels += told_plot("corruptions", std::move(panel), severity_axis(record), kTallPlot, {"severity"}, plots);
    means.push_back(mean_line(run, record));
    parts.push_back(part_of_run(run, html("{}<div class=\"plots\">\n{}</div>\n{}<p class=\"about\">Pictures: {}. figures/corruptions.csv "
                                          "has the numbers.</p>\n",
                                          corruption_tiles(record), panels, corruption_table(record), record.source)));
  }
  if (runs.size() > 1) {
    PlotPanel panel = percent_panel("Mean accuracy over the corruptions, %", std::move(means));
    panel.along = "severity; 0: clean";
    content.body += html("{}<div class=\"plots\">\n{}</div>\n", legend(runs),
                         told_plot("corruptions", std::move(panel), Axis::counting(0, 5, 6), kTallPlot, {"severity"}, plots));
  }
  for (const Html& part : parts) content.body += part;
  return content;
}

std::string_view CorruptionsSection::style() const { return kStyle; }

}  // namespace convscope

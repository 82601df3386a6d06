#include "convscope/report/evaluation/corruption_figures.h"

#include <algorithm>

#include "convscope/report/draw/chart.h"
#include "convscope/report/draw/run_colour.h"

namespace convscope {

namespace {

constexpr double kPanelWidth = 400, kPanelHeight = 320, kBetween = 28, kTop = 112;
constexpr size_t kBeside = 3;

/** "jpeg_compression" → "jpeg compression". */
std::string in_words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

}  // namespace

Axis severity_axis(const CorruptionsRecord& record) {
  int64_t most = 1;
  for (const CorruptionPoint& p : record.corruptions) most = std::max(most, p.severity);
  return Axis::counting(0, most, 6);
}

std::vector<PlotPanel> corruption_panels(const CorruptionsRecord& record) {
  std::vector<PlotPanel> panels;
  double least = record.clean_accuracy, most = least;
  for (const CorruptionPoint& p : record.corruptions) {
    least = std::min(least, p.accuracy);
    most = std::max(most, p.accuracy);
  }
  for (const CorruptionMean& kind : record.kinds) {
    std::vector<PlotLine> lines;
    for (const CorruptionPoint& p : record.corruptions) {
      if (p.kind != kind.name) continue;
      if (lines.empty() || lines.back().name != in_words(p.name))
        lines.push_back({in_words(p.name), run_colour(lines.size()), 2, {{0, 100 * record.clean_accuracy}}});
      lines.back().values.push_back({static_cast<double>(p.severity), 100 * p.accuracy});
    }
    PlotPanel& panel =
        panels.emplace_back(percent_panel(fmt::format("{}, mean {}", kind.name, percent_text(100 * kind.accuracy)), std::move(lines)));
    panel.values = Axis::linear(100 * least, 100 * most, 5);
    panel.along = "severity; 0: clean";
  }
  return panels;
}

Figure corruption_figure(const CorruptionsRecord& record) {
  const std::vector<PlotPanel> panels = corruption_panels(record);
  require(!panels.empty(), "a figure of no corruptions: there is nothing to draw");
  const size_t beside = std::min(kBeside, panels.size()), rows = (panels.size() + beside - 1) / beside;
  std::vector<Plot> plots;
  for (size_t k = 0; k < panels.size(); ++k)
    plots.emplace_back(panels[k], severity_axis(record),
                       Box{kFigureMargin + static_cast<double>(k % beside) * (kPanelWidth + kBetween),
                           kTop + static_cast<double>(k / beside) * (kPanelHeight + kBetween), kPanelWidth, kPanelHeight - Plot::kBelow});
  const double width = 2 * kFigureMargin + static_cast<double>(beside) * (kPanelWidth + kBetween) - kBetween;
  const std::string title = fmt::format("Corruptions: {} on {}", record.network.name, record.data.text());
  const std::string about =
      fmt::format("mean {} over {}, 95 % interval {} to {}; clean {}; {} images", percent_text(100 * record.mean_accuracy),
                  record.mean_over, percent_text(100 * record.mean_interval_95[0]), percent_text(100 * record.mean_interval_95[1]),
                  percent_text(100 * record.clean_accuracy), record.images);
  return {width, kTop + static_cast<double>(rows) * (kPanelHeight + kBetween), title, [=](Canvas& canvas) {
            draw_heading(canvas, title, std::vector<std::string>{about}, width);
            for (const Plot& plot : plots) plot.draw(canvas);
          }};
}

void write_corruption_figure(const Path& folder, const CorruptionsRecord& record) {
  write_figure(folder, "corruptions", corruption_figure(record));
  write_file(folder / "corruptions.csv", corruptions_csv(record));
}

}  // namespace convscope

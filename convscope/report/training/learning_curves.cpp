#include "convscope/report/training/learning_curves.h"

#include <algorithm>
#include <cmath>

#include "convscope/report/draw/chart.h"

namespace convscope {

namespace {

constexpr double kBetweenPanels = 28;
constexpr double kPlotTop = 112;

std::vector<PlotValue> trained(std::span<const EpochMetrics> metrics, double EpochMetrics::*member, double scale) {
  std::vector<PlotValue> values;
  for (const EpochMetrics& m : metrics) values.push_back({static_cast<double>(m.epoch), scale * m.*member});
  return values;
}

std::vector<PlotValue> tested(std::span<const EpochMetrics> metrics, double (EpochMetrics::*judged)() const, double scale) {
  std::vector<PlotValue> values;
  for (const EpochMetrics& m : metrics)
    if (was_tested(m)) values.push_back({static_cast<double>(m.epoch), scale * (m.*judged)()});
  return values;
}

/** The epoch that was chosen, on the last line, that of what chooses. */
void mark_best(PlotPanel& panel, std::span<const EpochMetrics> metrics, std::string_view tested_on) {
  const EpochMetrics* best = best_epoch(metrics);
  if (!best) return;
  PlotLine& test = panel.lines.back();
  const double epoch = static_cast<double>(best->epoch), value = 100 * best->choosing_accuracy();
  if (test.last() && test.last()->x == epoch)
    test.end_label += ", best";
  else
    panel.mark = {{epoch, value}, fmt::format("best on {} {}, epoch {}", tested_on, percent_text(value), best->epoch), kBlue};
}

}  // namespace

PlotPanel loss_curves(std::span<const EpochMetrics> metrics, std::string_view tested_on, std::string_view loss, LossScale scale) {
  return loss_panel(loss.empty() ? "Loss" : fmt::format("Loss, {}", loss),
                    {{"train", kOrange, 1.6, trained(metrics, &EpochMetrics::train_loss, 1)},
                     {std::string(tested_on), kBlue, 2.2, tested(metrics, &EpochMetrics::judged_loss, 1)}},
                    scale);
}

std::optional<PlotPanel> robustness_curves(std::span<const EpochMetrics> metrics, std::string_view tested_on) {
  const auto measured = [](const EpochMetrics& m) { return !std::isnan(m.robust_train_accuracy); };
  if (std::none_of(metrics.begin(), metrics.end(), measured)) return std::nullopt;
  const std::string judges(tested_on);
  PlotPanel panel =
      percent_panel("Under attack, and aliasing, %", {{"aliased", kRunColours[2], 1.6, trained(metrics, &EpochMetrics::aliased, 100)},
                                                      {"train", kOrange, 1.6, trained(metrics, &EpochMetrics::robust_train_accuracy, 100)},
                                                      {judges, kBlue, 2.2, tested(metrics, &EpochMetrics::judged_robust_accuracy, 100)}});
  if (std::all_of(metrics.begin(), metrics.end(), [](const EpochMetrics& m) { return std::isnan(m.aliased); })) {
    panel.heading = "Under attack, %";
    panel.lines.erase(panel.lines.begin());
  }
  mark_best(panel, metrics, tested_on);
  return panel;
}

PlotPanel accuracy_curves(std::span<const EpochMetrics> metrics, std::string_view tested_on) {
  PlotPanel panel =
      percent_panel("Accuracy, %", {{"train", kOrange, 1.6, trained(metrics, &EpochMetrics::train_accuracy, 100)},
                                    {std::string(tested_on), kBlue, 2.2, tested(metrics, &EpochMetrics::judged_accuracy, 100)}});
  const bool by_attack =
      std::any_of(metrics.begin(), metrics.end(), [](const EpochMetrics& m) { return !std::isnan(m.judged_robust_accuracy()); });
  if (!by_attack) mark_best(panel, metrics, tested_on);
  return panel;
}

Figure learning_curves(std::span<const EpochMetrics> metrics, std::string_view title, std::string_view subtitle,
                       const LearningCurvesOptions& options) {
  require(!metrics.empty(), "learning curves of no epochs: there is nothing to draw; train for an epoch first");
  for (size_t i = 1; i < metrics.size(); ++i)
    require(metrics[i - 1].epoch < metrics[i].epoch, "learning curves: epoch {} comes after epoch {}", metrics[i].epoch,
            metrics[i - 1].epoch);
  require(options.width >= 480 && options.height >= 240, "learning curves of {} x {}; at least 480 x 240 are needed", options.width,
          options.height);

  std::vector<PlotPanel> panels;
  panels.push_back(loss_curves(metrics, "test", options.loss, options.loss_scale));
  panels.push_back(accuracy_curves(metrics, "test"));
  if (auto robust = robustness_curves(metrics, "test")) panels.push_back(std::move(*robust));
  const double width = (options.width - 2 * kFigureMargin - kBetweenPanels) / 2, height = options.height - kPlotTop - Plot::kBelow;
  const double room = static_cast<double>(panels.size()) * (width + kBetweenPanels) - kBetweenPanels;
  const Axis epochs = Axis::counting(metrics.front().epoch, metrics.back().epoch, options.width > 700 ? 10 : 4);
  std::vector<Plot> plots;
  for (PlotPanel& panel : panels) {
    const double left = kFigureMargin + static_cast<double>(plots.size()) * (width + kBetweenPanels);
    plots.emplace_back(std::move(panel), epochs, Box{left, kPlotTop, width, height});
  }

  const auto draw = [=, title = std::string(title), subtitle = std::string(subtitle)](Canvas& canvas) {
    canvas.text({kFigureMargin, 36}, fitted(title, kFigureTitle, room), kFigureTitle);
    canvas.text({kFigureMargin, 56}, fitted(subtitle, kSubtitle, room), kSubtitle);
    for (const Plot& plot : plots) plot.draw(canvas);
  };
  return Figure(room + 2 * kFigureMargin, options.height, fmt::format("Learning curves: {}", title), draw);
}

void write_learning_curves(const Path& folder, std::span<const EpochMetrics> metrics, std::string_view title, std::string_view subtitle,
                           const LearningCurvesOptions& options) {
  write_figure(folder, "learning-curves", learning_curves(metrics, title, subtitle, options));
  write_file(folder / "learning-curves.csv", metrics_csv(metrics));
}

}  // namespace convscope

#include "convscope/report/training/learning_curves.h"

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

}  // namespace

PlotPanel loss_curves(std::span<const EpochMetrics> metrics, std::string_view tested_on, std::string_view loss, LossScale scale) {
  return loss_panel(loss.empty() ? "Loss" : fmt::format("Loss, {}", loss),
                    {{"train", kOrange, 1.6, trained(metrics, &EpochMetrics::train_loss, 1)},
                     {std::string(tested_on), kBlue, 2.2, tested(metrics, &EpochMetrics::judged_loss, 1)}},
                    scale);
}

PlotPanel accuracy_curves(std::span<const EpochMetrics> metrics, std::string_view tested_on) {
  PlotPanel panel =
      percent_panel("Accuracy, %", {{"train", kOrange, 1.6, trained(metrics, &EpochMetrics::train_accuracy, 100)},
                                    {std::string(tested_on), kBlue, 2.2, tested(metrics, &EpochMetrics::judged_accuracy, 100)}});
  if (const EpochMetrics* best = best_epoch(metrics)) {
    PlotLine& test = panel.lines[1];
    const double epoch = static_cast<double>(best->epoch), value = 100 * best->judged_accuracy();
    if (test.last() && test.last()->x == epoch) {
      test.end_label += ", best";
    } else {
      panel.mark = {{epoch, value}, fmt::format("best on {} {}, epoch {}", tested_on, percent_text(value), best->epoch), kBlue};
    }
  }
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

  const double room = options.width - 2 * kFigureMargin;
  const double width = (room - kBetweenPanels) / 2, height = options.height - kPlotTop - Plot::kBelow;
  const Axis epochs = Axis::counting(metrics.front().epoch, metrics.back().epoch, options.width > 700 ? 10 : 4);
  const Plot loss(loss_curves(metrics, "test", options.loss, options.loss_scale), epochs, {kFigureMargin, kPlotTop, width, height});
  const Plot accuracy(accuracy_curves(metrics, "test"), epochs, {kFigureMargin + width + kBetweenPanels, kPlotTop, width, height});

  const auto draw = [=, title = std::string(title), subtitle = std::string(subtitle)](Canvas& canvas) {
    canvas.text({kFigureMargin, 36}, fitted(title, kFigureTitle, room), kFigureTitle);
    canvas.text({kFigureMargin, 56}, fitted(subtitle, kSubtitle, room), kSubtitle);
    loss.draw(canvas);
    accuracy.draw(canvas);
  };
  return Figure(options.width, options.height, fmt::format("Learning curves: {}", title), draw);
}

void write_learning_curves(const Path& folder, std::span<const EpochMetrics> metrics, std::string_view title, std::string_view subtitle,
                           const LearningCurvesOptions& options) {
  write_figure(folder, "learning-curves", learning_curves(metrics, title, subtitle, options));
  write_file(folder / "learning-curves.csv", metrics_csv(metrics));
}

}  // namespace convscope

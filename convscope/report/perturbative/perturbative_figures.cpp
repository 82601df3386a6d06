#include "convscope/report/perturbative/perturbative_figures.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "convscope/report/draw/chart.h"
#include "convscope/report/draw/line_plot.h"
#include "convscope/report/draw/run_colour.h"
#include "convscope/report/page/section.h"
#include "convscope/results/inspection.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr double kPerturbativeWidth = 760, kHeight = 400, kPerturbativeTop = 96;

std::string percent_cell(double v) { return std::isfinite(v) ? fmt::format("{:.3f}", v) : std::string(); }

/** The same in all figures. */
Colour colour_of(const std::string& kind) {
  const std::string kinds[] = {"3×3", "1×1", "masks"};
  return kRunColours[std::find(std::begin(kinds), std::end(kinds), kind) - std::begin(kinds)];
}

/** A title, words below it, and one plot. */
Figure single(std::string title, std::string below, PlotPanel panel, Axis along) {
  const Plot plot(std::move(panel), std::move(along),
                  {kFigureMargin, kPerturbativeTop, kPerturbativeWidth - 2 * kFigureMargin, kHeight - kPerturbativeTop - Plot::kBelow});
  const auto draw = [=](Canvas& canvas) {
    const std::string lines[] = {below};
    draw_heading(canvas, title, lines, kPerturbativeWidth);
    plot.draw(canvas);
  };
  return Figure(kPerturbativeWidth, kHeight, title, draw);
}

PlotLine course_line(const std::vector<EpochMetrics>& metrics, std::string name, Colour colour, double width,
                     double EpochMetrics::*member) {
  PlotLine line{std::move(name), colour, width, {}};
  for (const EpochMetrics& m : metrics)
    if (std::isfinite(m.*member)) line.values.push_back({static_cast<double>(m.epoch), 100 * m.*member});
  return line;
}

PlotLine mean_line(const PerturbativeView& view, size_t run, Colour colour) {
  PlotLine mean{view.record.runs[run].kind, colour, 2.4, {}};
  for (const EpochMean& m : mean_course(view, run)) mean.values.push_back({m.epoch, m.accuracy});
  return mean;
}

Axis epochs_of(const std::vector<PlotLine>& lines) {
  double first = HUGE_VAL, last = 0;
  for (const PlotLine& line : lines)
    for (const PlotValue& v : line.values) first = std::min(first, v.x), last = std::max(last, v.x);
  return Axis::counting(std::llround(first), std::llround(last), 10);
}

}  // namespace

std::optional<Figure> perturbative_curves(const PerturbativeView& view) {
  constexpr const char* kRoles[] = {"baseline", "pointwise", "masks"};
  std::vector<PlotLine> thin, thick;
  size_t most = 0;
  for (size_t r = 0; r < std::size(kRoles); ++r) {
    const auto run = view.of_role(kRoles[r]);
    if (!run) continue;
    std::vector<PlotLine> seeds;
    for (const auto& metrics : view.metrics[*run]) {
      PlotLine line = course_line(metrics, "", mix(kPaper, kRunColours[r], 0.45), 0.9, &EpochMetrics::test_accuracy);
      if (!line.values.empty()) seeds.push_back(std::move(line));
    }
    if (seeds.empty()) continue;
    most = std::max(most, seeds.size());
    thick.push_back(mean_line(view, *run, kRunColours[r]));
    if (seeds.size() > 1) thin.insert(thin.end(), seeds.begin(), seeds.end());
  }
  if (thick.empty()) return {};
  const size_t count = thin.size();
  std::vector<PlotLine> lines = std::move(thin);
  lines.insert(lines.end(), thick.begin(), thick.end());
  const Axis epochs = epochs_of(lines);
  PlotPanel panel = percent_panel("Test accuracy, %", std::move(lines));
  for (size_t i = 0; i < count; ++i) panel.lines[i].end_label.clear();
  return single("3×3 convolutions, 1×1 convolutions, masks",
                most > 1 ? "after each epoch; thick: mean over seeds, thin: each of them" : "after each epoch, one training each",
                std::move(panel), epochs);
}

std::optional<Figure> perturbative_meters(const PerturbativeView& view) {
  const std::vector<EpochMetrics>* chosen = nullptr;
  const PerturbativeRun* run = nullptr;
  for (size_t i = 0; i < view.record.runs.size(); ++i)
    for (const auto& metrics : view.metrics[i]) {
      const bool logged =
          std::any_of(metrics.begin(), metrics.end(), [](const EpochMetrics& m) { return std::isfinite(m.test_accuracy_smoothed); });
      if (!logged || (chosen && view.record.runs[i].role != kMetersRole) || (run && run->role == kMetersRole)) continue;
      chosen = &metrics;
      run = &view.record.runs[i];
    }
  if (!chosen) return {};
  std::vector<PlotLine> lines{course_line(*chosen, "smoothed", kOrange, 1.4, &EpochMetrics::test_accuracy_smoothed),
                              course_line(*chosen, "mean of batches", kRunColours[2], 1.4, &EpochMetrics::test_accuracy_batch_mean),
                              course_line(*chosen, "proper", kBlue, 2.4, &EpochMetrics::test_accuracy)};
  const Axis epochs = epochs_of(lines);
  return single(fmt::format("One training, three meters: {}", run->label), "test accuracy after each epoch, as each program would log it",
                percent_panel("Test accuracy, %", std::move(lines)), epochs);
}

std::optional<Figure> mask_fit_figure(const MaskFitRecord& fit) {
  if (fit.points.empty()) return {};
  std::map<int64_t, std::vector<const MaskFitPoint*>> by_masks;
  double first = HUGE_VAL, last = 0, top = 100;
  for (const MaskFitPoint& p : fit.points) {
    by_masks[p.masks].push_back(&p);
    first = std::min(first, static_cast<double>(p.images));
    last = std::max(last, static_cast<double>(p.images));
  }
  constexpr double kHighest = 150;  // worse than a constant is as bad as it needs to be shown
  std::vector<PlotLine> lines;
  bool cut = false;
  size_t colour = 0;
  for (auto& [masks, points] : by_masks) {
    std::sort(points.begin(), points.end(), [](const auto* a, const auto* b) { return a->images < b->images; });
    const Colour own = run_colour(colour++);
    const std::string name = fmt::format("{} {}", masks, masks == 1 ? "mask" : "masks");
    PlotLine fitted{name + ", fitted", own, 2.2, {}}, fresh{name + ", others", mix(kPaper, own, 0.6), 1.6, {}};
    for (const MaskFitPoint* p : points) {
      const double images = static_cast<double>(p->images);
      fitted.values.push_back({images, 100 * p->fitted});
      fresh.values.push_back({images, std::min(kHighest, 100 * p->fresh)});
      cut |= 100 * p->fresh > kHighest;
      top = std::max(top, fresh.values.back().y);
    }
    lines.push_back(std::move(fresh));
    lines.push_back(std::move(fitted));
  }
  if (std::isfinite(fit.without_masks))
    lines.push_back({"1×1 alone", kMuted, 1.2, {{first, 100 * fit.without_masks}, {last, 100 * fit.without_masks}}});
  PlotPanel panel{"Unexplained variance of the convolution's output, %", std::move(lines), Axis::linear(0, top, 5), {}, "images fitted to"};
  for (PlotLine& line : panel.lines)
    if (const PlotValue* v = line.last()) line.end_label = fmt::format("{} {:.1f} %", line.name, v->y);
  return single(fmt::format("Masks in the place of the convolution {}", fit.layer),
                fmt::format("fitted to so many images: what masks and 1×1 weights leave on these, and on others{}",
                            cut ? fmt::format(" (at most {:.0f} % shown)", kHighest) : ""),
                std::move(panel), Axis::logarithmic(first, std::max(last, 10 * first), 5));
}

std::optional<Figure> perturbative_budget(const PerturbativeView& view) {
  struct Dot {
    double cost[3];
    AccuracyOfRuns accuracy;
  };
  std::map<std::string, std::vector<Dot>> kinds;
  for (size_t i = 0; i < view.record.runs.size(); ++i) {
    const PerturbativeRun& r = view.record.runs[i];
    if (r.group != "budget" && r.role != "pointwise" && r.role != "masks") continue;
    const AccuracyOfRuns o = last_outcome(view, i);
    const double ms = step_ms(view, i);
    if (o.trainings && ms > 0 && r.parameters > 0 && r.macs > 0)
      kinds[r.kind].push_back({{static_cast<double>(r.parameters) / 1e6, static_cast<double>(r.macs) / 1e6, ms}, o});
  }
  if (kinds.empty()) return {};
  constexpr const char* kCosts[] = {"million parameters", "million multiply-adds an image", "milliseconds an image, training"};
  constexpr double kPanel = 330, kBetween = 16, kTall = 380;
  const double width = 2 * kFigureMargin + 3 * kPanel + 2 * kBetween;
  std::vector<Plot> plots;
  for (size_t c = 0; c < 3; ++c) {
    std::vector<PlotLine> lines;
    double least = HUGE_VAL, most = 0;
    for (auto& [kind, dots] : kinds) {
      std::sort(dots.begin(), dots.end(), [c](const Dot& a, const Dot& b) { return a.cost[c] < b.cost[c]; });
      PlotLine line{kind, colour_of(kind), 1.8, {}};
      for (const Dot& d : dots) {
        line.values.push_back({d.cost[c], d.accuracy.mean});
        least = std::min(least, d.cost[c]);
        most = std::max(most, d.cost[c]);
      }
      lines.push_back(std::move(line));
    }
    PlotPanel panel = percent_panel(c == 0 ? "Test accuracy, %, last epoch" : "", std::move(lines));
    for (PlotLine& line : panel.lines) line.end_label = line.name;
    panel.along = kCosts[c];
    plots.emplace_back(std::move(panel), Axis::logarithmic(least, most, 4),
                       Box{kFigureMargin + static_cast<double>(c) * (kPanel + kBetween), kPerturbativeTop, kPanel,
                           kTall - kPerturbativeTop - Plot::kBelow});
  }
  const auto draw = [plots, width](Canvas& canvas) {
    const std::string below[] = {"each dot is one width; values of fixed masks do not count as parameters; logarithmic scales"};
    draw_heading(canvas, "What an accuracy costs", below, width);
    for (const Plot& plot : plots) {
      plot.draw(canvas);
      for (const PlotLine& line : plot.panel().lines)
        for (const PlotValue& v : line.values)
          canvas.dot({plot.area().x + plot.epochs().at(v.x) * plot.area().width,
                      plot.area().bottom() - plot.panel().values.at(v.y) * plot.area().height},
                     3.4, line.colour, kPaper, 1);
    }
  };
  return Figure(width, kTall, "Accuracy against cost", draw);
}

std::string perturbative_csv(const PerturbativeView& view) {
  std::string csv = "name,label,kind,seeds,parameters,masks,macs,ms_per_image,published,best,best_low,best_high,last,last_low,last_high\n";
  for (size_t i = 0; i < view.record.runs.size(); ++i) {
    const PerturbativeRun& r = view.record.runs[i];
    const AccuracyOfRuns best = best_outcome(view, i), last = last_outcome(view, i);
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_cell(r.name), csv_cell(r.label), csv_cell(r.kind),
                       last.trainings, r.parameters, r.masks, r.macs, percent_cell(step_ms(view, i)), percent_cell(100 * r.published),
                       percent_cell(best.mean), percent_cell(best.low), percent_cell(best.high), percent_cell(last.mean),
                       percent_cell(last.low), percent_cell(last.high));
  }
  return csv;
}

PerturbativeView read_perturbative(const Path& results) {
  const Path file = results / kPerturbativeFile;
  return perturbative_view(read_record<PerturbativeRecord>(file), results);
}

void write_perturbative_figures(const Path& results) {
  const PerturbativeView view = read_perturbative(results);
  const Path folder = results / "figures";
  const auto write = [&](const char* name, const std::optional<Figure>& figure) {
    if (figure) write_figure(folder, name, *figure);
  };
  write("curves", perturbative_curves(view));
  write("meters", perturbative_meters(view));
  write("mask-fit", mask_fit_figure(view.record.fit));
  write("budget", perturbative_budget(view));
  make_folder(folder);
  write_file(folder / "runs.csv", perturbative_csv(view));
}

}  // namespace convscope

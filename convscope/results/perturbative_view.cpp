#include "convscope/results/perturbative_view.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "convscope/results/evaluation.h"
#include "convscope/results/seeds_summary.h"
#include "convscope/results/spread.h"

namespace convscope {

std::optional<size_t> PerturbativeView::of_role(std::string_view role) const {
  for (size_t i = 0; i < record.runs.size(); ++i)
    if (record.runs[i].role == role) return i;
  return {};
}

Path perturbative_run_folder(const Path& results, const std::string& name, int64_t seed) {
  return results / "runs" / name / seed_folder_name(seed);
}

PerturbativeView perturbative_view(PerturbativeRecord record, const Path& results) {
  PerturbativeView view{std::move(record), {}};
  for (const PerturbativeRun& run : view.record.runs) {
    auto& trainings = view.metrics.emplace_back();
    for (const int64_t seed : run.seeds) {
      const Path metrics = perturbative_run_folder(results, run.name, seed) / "metrics.jsonl";
      trainings.push_back(std::filesystem::exists(metrics) ? read_metrics(metrics) : std::vector<EpochMetrics>{});
    }
  }
  return view;
}

namespace {

const EpochMetrics* last_with_accuracy(const std::vector<EpochMetrics>& metrics) {
  for (auto m = metrics.rbegin(); m != metrics.rend(); ++m)
    if (std::isfinite(m->test_accuracy)) return &*m;
  return nullptr;
}

bool is_finished(const PerturbativeView& view, size_t run, const std::vector<EpochMetrics>& metrics) {
  return !metrics.empty() && metrics.back().epoch >= view.record.runs[run].epochs;
}

template <typename Choose>
AccuracyOfRuns outcome_of(const PerturbativeView& view, size_t run, Choose choose) {
  std::vector<double> values;
  for (const auto& metrics : view.metrics[run]) {
    if (!is_finished(view, run, metrics)) continue;
    if (const EpochMetrics* m = choose(metrics)) values.push_back(100 * m->test_accuracy);
  }
  if (values.empty()) return {};
  const Spread s = spread_of(values, kPercentages);
  const double images = static_cast<double>(view.record.test_images);
  const auto of_images = wilson_interval(std::llround(s.mean / 100 * images), view.record.test_images);
  AccuracyOfRuns o{s.mean, 100 * of_images[0], 100 * of_images[1], std::ssize(values)};
  if (values.size() > 1 && s.interval_95[0] < s.interval_95[1]) {
    o.low = s.interval_95[0];
    o.high = s.interval_95[1];
  }
  return o;
}

double highest(const std::vector<EpochMetrics>& metrics, double EpochMetrics::*member) {
  double most = kUnknown;
  for (const EpochMetrics& m : metrics)
    if (!(m.*member <= most) && std::isfinite(m.*member)) most = m.*member;
  return 100 * most;
}

double lowest(const std::vector<EpochMetrics>& metrics, double EpochMetrics::*member) {
  double least = kUnknown;
  for (const EpochMetrics& m : metrics)
    if (!(m.*member >= least) && std::isfinite(m.*member)) least = m.*member;
  return least;
}

}  // namespace

AccuracyOfRuns last_outcome(const PerturbativeView& view, size_t run) { return outcome_of(view, run, last_with_accuracy); }

AccuracyOfRuns best_outcome(const PerturbativeView& view, size_t run) {
  return outcome_of(view, run, [](const std::vector<EpochMetrics>& metrics) { return best_epoch(metrics); });
}

std::vector<EpochMean> mean_course(const PerturbativeView& view, size_t run) {
  std::map<double, std::pair<double, size_t>> sums;
  size_t trainings = 0;
  for (const auto& metrics : view.metrics[run]) {
    bool tested = false;
    for (const EpochMetrics& m : metrics) {
      if (!std::isfinite(m.test_accuracy)) continue;
      tested = true;
      sums[static_cast<double>(m.epoch)].first += 100 * m.test_accuracy;
      ++sums[static_cast<double>(m.epoch)].second;
    }
    trainings += tested;
  }
  std::vector<EpochMean> means;
  for (const auto& [epoch, sum] : sums)
    if (sum.second == trainings) means.push_back({epoch, sum.first / static_cast<double>(sum.second)});
  return means;
}

Difference difference_of(const AccuracyOfRuns& a, const AccuracyOfRuns& b) {
  return {a.mean - b.mean, std::hypot((a.high - a.low) / 2, (b.high - b.low) / 2)};
}

std::vector<MeterRow> meter_rows(const PerturbativeView& view) {
  std::vector<MeterRow> rows;
  for (size_t i = 0; i < view.record.runs.size(); ++i)
    for (size_t s = 0; s < view.metrics[i].size(); ++s) {
      const auto& metrics = view.metrics[i][s];
      const EpochMetrics* last = last_with_accuracy(metrics);
      if (!last || std::isnan(last->test_accuracy_smoothed)) continue;
      rows.push_back({.label = view.record.runs[i].label,
                      .seed = view.record.runs[i].seeds[s],
                      .epochs = last->epoch,
                      .finished = is_finished(view, i, metrics),
                      .last = 100 * last->test_accuracy,
                      .best = highest(metrics, &EpochMetrics::test_accuracy),
                      .smoothed_best = highest(metrics, &EpochMetrics::test_accuracy_smoothed),
                      .mean_best = highest(metrics, &EpochMetrics::test_accuracy_batch_mean),
                      .train_best = highest(metrics, &EpochMetrics::train_accuracy),
                      .train_smoothed_best = highest(metrics, &EpochMetrics::train_accuracy_smoothed),
                      .test_loss_best = lowest(metrics, &EpochMetrics::test_loss),
                      .test_loss_smoothed_best = lowest(metrics, &EpochMetrics::test_loss_smoothed),
                      .train_loss_best = lowest(metrics, &EpochMetrics::train_loss),
                      .train_loss_smoothed_best = lowest(metrics, &EpochMetrics::train_loss_smoothed)});
    }
  return rows;
}

double step_ms(const PerturbativeView& view, size_t run) {
  std::vector<double> all;
  for (const auto& metrics : view.metrics[run])
    for (const EpochMetrics& m : metrics)
      if (m.images_per_second > 0) all.push_back(1000 / m.images_per_second);
  if (all.empty()) return kUnknown;
  std::nth_element(all.begin(), all.begin() + std::ssize(all) / 2, all.end());
  return all[all.size() / 2];
}

namespace {

/** What networks of a role came to, here and as published. */
struct Side {
  std::string name;
  AccuracyOfRuns here;
  double published = kUnknown;  // percent
};

/** "3×3 convolutions 75.9 %, 1×1 without masks 63.5 %: 12.4 ± 1.0 points more; of the published best epochs 6.3 more." */
std::string compared(const Side& a, const Side& b) {
  const Difference d = difference_of(a.here, b.here);
  const auto more = [](double points) { return points < 0 ? "less" : "more"; };
  std::string line = fmt::format("{} {:.1f} %, {} {:.1f} %: ", a.name, a.here.mean, b.name, b.here.mean);
  line += d.told() ? fmt::format("{:.1f} ± {:.1f} points {}", std::abs(d.points), d.reach, more(d.points))
                   : fmt::format("no difference can be told, {:+.1f} ± {:.1f} points", d.points, d.reach);
  if (const double published = a.published - b.published; std::isfinite(published))
    line += fmt::format("; of the published best epochs {:.1f} {}", std::abs(published), more(published));
  return line + ".";
}

/** Points within which two networks count as equal: the study found that masks add less than one. */
constexpr double kAlike = 1;

enum class Verdict { holds, fails, open };
Verdict is_above(const Difference& d) { return !d.told() ? Verdict::open : d.points > 0 ? Verdict::holds : Verdict::fails; }
Verdict is_alike(const Difference& d) {
  if (std::abs(d.points) + d.reach <= kAlike) return Verdict::holds;
  return std::abs(d.points) - d.reach > kAlike ? Verdict::fails : Verdict::open;
}
const char* words(Verdict v) {
  return v == Verdict::holds ? "holds here" : v == Verdict::fails ? "does not hold here" : "cannot be told here";
}

void say_order(const PerturbativeView& view, std::vector<std::string>& say) {
  const auto side = [&](const char* name, const char* role) {
    const auto run = view.of_role(role);
    return run ? Side{name, last_outcome(view, *run), 100 * view.record.runs[*run].published} : Side{name, {}};
  };
  const Side baseline = side("3×3 convolutions", "baseline"), pointwise = side("1×1 without masks", "pointwise"),
             masks = side("masks", "masks"), everywhere = side("masks also in the first layer", "everywhere");
  std::vector<std::string> order;
  const auto compare = [&](const Side& a, const Side& b, const std::string& claim, Verdict (*verdict)(const Difference&)) {
    if (!a.here.trainings || !b.here.trainings) return;
    say.push_back(compared(a, b));
    order.push_back(fmt::format("{} {}", claim, words(verdict(difference_of(a.here, b.here)))));
  };
  compare(baseline, pointwise, "3×3 above 1×1", is_above);
  compare(masks, pointwise, fmt::format("masks within {:.0f} point of no masks", kAlike), is_alike);
  compare(masks, everywhere, "masks above masks everywhere", is_above);
  if (order.empty()) return;
  std::string line = "Of the reported order: ";
  for (size_t i = 0; i < order.size(); ++i) line += (i ? "; " : "") + order[i];
  say.push_back(line + ".");
  int64_t fewest = INT64_MAX;
  for (const Side* one : {&baseline, &pointwise, &masks, &everywhere})
    if (one->here.trainings) fewest = std::min(fewest, one->here.trainings);
  if (fewest == 1)
    say.push_back("The interval of a network that was trained once is that of its test images alone; another seed could move it further.");
}

void say_meters(const PerturbativeView& view, std::vector<std::string>& say) {
  double least = HUGE_VAL, most = -HUGE_VAL, sum = 0;
  int64_t count = 0;
  for (const MeterRow& r : meter_rows(view)) {
    if (!r.finished) continue;
    const double excess = r.smoothed_best - r.best;
    least = std::min(least, excess);
    most = std::max(most, excess);
    sum += excess;
    ++count;
  }
  if (count == 1) say.push_back(fmt::format("The highest smoothed accuracy less the highest proper one is {:+.1f} points.", sum));
  if (count > 1)
    say.push_back(
        fmt::format("In {} trainings the highest smoothed accuracy less the highest proper one is {:+.1f} points on average, {:+.1f} to "
                    "{:+.1f}.",
                    count, sum / static_cast<double>(count), least, most));
  const SmoothingTrial* longest = nullptr;
  for (const SmoothingTrial& t : view.record.trials)
    if (!longest || t.epochs > longest->epochs || (t.epochs == longest->epochs && t.keep > longest->keep)) longest = &t;
  if (longest)
    say.push_back(fmt::format(
        "Chance alone, simulated: of a network whose accuracy is {:.1f} %, with {:.0f} % of its answers kept from epoch "
        "to epoch, the highest of {} smoothed values is {:.1f} %, the highest proper one {:.1f} %; all images are equally hard there, "
        "which "
        "overstates it.",
        100 * longest->accuracy, 100 * longest->keep, longest->epochs, 100 * longest->best_smoothed, 100 * longest->best_exact));
}

void say_fit(const MaskFitRecord& fit, std::vector<std::string>& say) {
  if (!fit.points.empty()) {
    const auto by_images = [](const MaskFitPoint& a, const MaskFitPoint& b) {
      return std::pair(a.masks, -a.images) < std::pair(b.masks, -b.images);
    };
    const MaskFitPoint& few = *std::max_element(fit.points.begin(), fit.points.end(), by_images);
    int64_t most_images = 0;
    for (const MaskFitPoint& p : fit.points) most_images = std::max(most_images, p.images);
    for (const MaskFitPoint& many : fit.points) {
      if (many.masks != few.masks || many.images != most_images || many.images == few.images) continue;
      say.push_back(fmt::format(
          "{} {} a channel, fitted to the convolution {}: {} {} {:.1f} % of its output's variance unexplained and {:.0f} % on "
          "other images; {} images {:.0f} % and {:.0f} %.",
          few.masks, few.masks == 1 ? "mask" : "masks", fit.layer, few.images, few.images == 1 ? "image leaves" : "images leave",
          100 * few.fitted, 100 * few.fresh, many.images, 100 * many.fitted, 100 * many.fresh));
    }
  }
  if (std::isfinite(fit.by_mask))
    say.push_back(fmt::format(
        "What a convolution adds to its centre depends on the neighbours: of that variance {:.1f} % are the same for all images, "
        "which is all that a constant at each place can have, {:.1f} % follow linearly from the pixel itself, and at most {:.1f} % need "
        "its "
        "neighbours.",
        100 * fit.by_mask, 100 * fit.by_pixel, 100 * (1 - fit.by_mask - fit.by_pixel)));
}

}  // namespace

std::vector<std::string> perturbative_findings(const PerturbativeView& view) {
  std::vector<std::string> say;
  say_order(view, say);
  say_meters(view, say);
  say_fit(view.record.fit, say);
  return say;
}

}  // namespace convscope

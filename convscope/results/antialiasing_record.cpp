#include "convscope/results/antialiasing_record.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/join.h"
#include "convscope/results/bootstrap.h"
#include "convscope/results/correlation.h"
#include "convscope/results/inspection.h"
#include "convscope/results/spread.h"

namespace convscope {

namespace {

/** Of several trainings their mean and its interval; of one, what its own interval is. */
AntialiasingNumber over_trainings(std::span<const double> values, const std::array<double, 2>& of_one, Bounds bounds) {
  if (values.empty()) return {};
  const Spread spread = spread_of(values, bounds);
  AntialiasingNumber n{.value = spread.mean, .trainings = std::ssize(values)};
  if (spread.interval_95.size() == 2)
    n.interval_95 = {spread.interval_95[0], spread.interval_95[1]};
  else
    n.interval_95 = of_one;
  return n;
}

/** "blur:3", or of several trainings "blur:3, seed 2". */
std::string label_of(const AntialiasingRecord& record, const AntialiasingRow& row) {
  return record.of(row.downsample).size() > 1 ? fmt::format("{} (seed {})", row.downsample, row.seed) : row.downsample;
}

/** Fewer images that are so, or not so, do not tell how the correlation spreads: the bootstrap's draws all hold the same few. */
constexpr int64_t kLeastCases = 10;

}  // namespace

ImageRelation relation_of(std::string what, const std::vector<double>& energy, const std::vector<double>& outcome) {
  ImageRelation r{.what = std::move(what),
                  .images = std::ssize(energy),
                  .cases = std::count_if(outcome.begin(), outcome.end(), [](double v) { return v > 0; })};
  const auto of_places = [&](std::span<const int64_t> places) {
    std::vector<double> a, b;
    for (const int64_t i : places) {
      a.push_back(energy[static_cast<size_t>(i)]);
      b.push_back(outcome[static_cast<size_t>(i)]);
    }
    return rank_correlation(a, b);
  };
  r.correlation = rank_correlation(energy, outcome);
  const bool yes_or_no = std::all_of(outcome.begin(), outcome.end(), [](double v) { return v == 0 || v == 1; });
  if (r.cases >= kLeastCases && (!yes_or_no || r.images - r.cases >= kLeastCases))
    r.interval_95 = bootstrap_interval_95(r.images, of_places);
  return r;
}

void AntialiasingRecord::check(std::string_view whose) const {
  for (const AntialiasingRow& row : rows) {
    require_beside(row.per_image, whose);
    require_beside(row.per_image_corrupted, whose);
  }
}

std::vector<const AntialiasingRow*> AntialiasingRecord::of(std::string_view downsample) const {
  std::vector<const AntialiasingRow*> all;
  for (const AntialiasingRow& row : rows)
    if (row.downsample == downsample) all.push_back(&row);
  return all;
}

std::vector<std::string> AntialiasingRecord::ways() const {
  std::vector<std::string> all;
  for (const AntialiasingRow& row : rows)
    if (std::find(all.begin(), all.end(), row.downsample) == all.end()) all.push_back(row.downsample);
  return all;
}

AntialiasingNumber number_of(const AntialiasingRecord& record, std::string_view downsample, double AntialiasingRow::*number,
                             RowInterval interval) {
  std::vector<double> values;
  std::array<double, 2> last = {kUnknown, kUnknown};
  for (const AntialiasingRow* row : record.of(downsample)) {
    values.push_back(row->*number);
    if (interval) last = row->*interval;
  }
  return over_trainings(values, last, kShares);
}

AntialiasingNumber correlation_of(const AntialiasingRecord& record, std::string_view downsample, std::string_view what) {
  std::vector<double> values;
  std::array<double, 2> last = {kUnknown, kUnknown};
  for (const AntialiasingRow* row : record.of(downsample))
    for (const ImageRelation& r : row->relations) {
      if (r.what != what || !std::isfinite(r.correlation) || !std::isfinite(r.interval_95[0])) continue;  // a handful of cases tells none
      values.push_back(r.correlation);
      last = r.interval_95;
    }
  return over_trainings(values, last, kCorrelations);
}

std::vector<std::string> relation_findings(const AntialiasingRecord& record) {
  std::vector<std::string> whats;
  for (const AntialiasingRow& row : record.rows)
    for (const ImageRelation& r : row.relations)
      if (std::find(whats.begin(), whats.end(), r.what) == whats.end()) whats.push_back(r.what);
  std::vector<std::string> all;
  for (const std::string& what : whats) {
    std::vector<std::string> more, less, none;
    for (const AntialiasingRow& row : record.rows)
      for (const ImageRelation& r : row.relations) {
        if (r.what != what) continue;
        const std::string text = std::isfinite(r.interval_95[0])
                                     ? fmt::format("{} {:+.2f}", label_of(record, row), r.correlation)
                                     : fmt::format("{} ({} of {} images)", label_of(record, row), r.cases, r.images);
        (!r.found() ? none : r.correlation > 0 ? more : less).push_back(text);
      }
    std::string line;
    if (!more.empty()) line += fmt::format("Images whose signals fold more are {} more often in {}", what, join(more, ", "));
    if (!less.empty())
      line += fmt::format("{}mages whose signals fold more are {} less often in {}", line.empty() ? "I" : "; i", what, join(less, ", "));
    if (!none.empty())
      line +=
          fmt::format("{}o relation between what folds and being {} can be told in {}", line.empty() ? "N" : "; n", what, join(none, ", "));
    all.push_back(line + ".");
  }
  int64_t intervals = 0;
  for (const AntialiasingRow& row : record.rows)
    intervals +=
        std::count_if(row.relations.begin(), row.relations.end(), [](const ImageRelation& r) { return std::isfinite(r.interval_95[0]); });
  constexpr int64_t kMany = 10;
  if (intervals >= kMany)
    all.push_back(fmt::format("These are {} intervals at 95 %: about {:.0f} of them would leave 0 out by chance alone.", intervals,
                              0.05 * static_cast<double>(intervals)));
  return all;
}

}  // namespace convscope

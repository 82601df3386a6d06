#include "convscope/report/comparison/compared_aliasing.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "convscope/report/aliasing/aliasing_figures.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/bootstrap.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

struct AliasedRun {
  const RunFolder* run;
  Path folder;
  AliasingRecord record;
};

/** The images and what counts as passing; what differs in one of them cannot be compared. */
using Question = std::tuple<std::string, int64_t, std::string, double>;

std::map<Question, std::vector<AliasedRun>> by_question(std::span<const RunFolder> runs) {
  std::map<Question, std::vector<AliasedRun>> all;
  for (const RunFolder& run : runs)
    for (const Path& folder : aliasings_in(run.path)) {
      AliasingRecord record = read_record<AliasingRecord>(folder / kAliasingFile);
      std::vector<AliasedRun>& alike = all[{record.data.text(), record.images, record.threshold, record.passing_db}];
      if (std::none_of(alike.begin(), alike.end(), [&](const AliasedRun& a) { return a.run == &run; }))
        alike.push_back({&run, folder, std::move(record)});
    }
  std::erase_if(all, [](const auto& question) { return question.second.size() < 2; });
  return all;
}

double aliased_or_tangled(const ScaledShares& shares) { return shares.contribution.aliased + shares.contribution.tangled; }

std::string percent(double share) { return std::isfinite(share) ? fmt::format("{:.1f} %", 100 * share) : "–"; }

std::string between(std::span<const double> interval) {
  return interval.size() == 2 && std::isfinite(interval[0]) ? fmt::format("{:.1f} to {:.1f}", 100 * interval[0], 100 * interval[1]) : "";
}

/** [images], each image's folded energy, mean over the signals; empty where the record does not know it. */
std::vector<double> energies(const AliasedRun& of) {
  const Path file = of.folder / of.record.per_image_energy;
  if (of.record.per_image_energy.empty() || !std::filesystem::exists(file)) return {};
  const Tensor all = read_npy(file);
  std::vector<double> means;
  for (int64_t n = 0; n < all.shape()[0]; ++n) {
    const std::span<const float> row = all.row(n);
    double sum = 0;
    for (const float v : row) sum += v;
    means.push_back(sum / static_cast<double>(row.size()));
  }
  return means;
}

/** Numbers of its images; empty where they are not there. */
std::vector<float> images_of(const AliasedRun& of) {
  const Path file = of.folder / of.record.image_table;
  if (of.record.image_table.empty() || !std::filesystem::exists(file)) return {};
  const Tensor table = read_npy(file);
  std::vector<float> numbers;
  for (int64_t n = 0; n < table.shape()[0]; ++n) numbers.push_back(table.row(n)[0]);
  return numbers;
}

/** Of the same images: by how much one network folds more of an image than the other. */
Html difference(const AliasedRun& first, const AliasedRun& other) {
  const std::vector<double> a = energies(first), b = energies(other);
  if (a.empty() || a.size() != b.size() || images_of(first) != images_of(other)) return {};
  std::vector<double> more;
  double mean = 0;
  for (size_t n = 0; n < a.size(); ++n) {
    more.push_back(b[n] - a[n]);
    mean += more.back() / static_cast<double>(a.size());
  }
  const std::array<double, 2> interval = bootstrap_interval_of_mean(more);
  const std::string_view word = interval[0] > 0 ? "more" : interval[1] < 0 ? "less" : "neither more nor less, as far as these images tell";
  return html("<li>{} against {}: {:+.2f} points of an image's energy fold (95 % interval {:+.2f} to {:+.2f}): {}</li>\n", other.run->name,
              first.run->name, 100 * mean, 100 * interval[0], 100 * interval[1], word);
}

Html row_of(std::string_view what, const std::vector<Html>& cells) {
  Html all = html("<th scope=\"row\">{}</th>", what);
  for (const Html& cell : cells) all += cell;
  return html("<tr>{}</tr>\n", all);
}

Html cell(const std::string& folds, const std::string& interval, double mixed) {
  return html("<td class=\"number\">{}<small>{}</small></td><td class=\"number\">{}</td>", folds, interval, percent(mixed));
}

/** Signals stand beside each other by their place in the network. */
Html table_of(const std::vector<AliasedRun>& alike) {
  Html heads, subheads;
  size_t signals = 0;
  for (const AliasedRun& a : alike) {
    heads += html("<th class=\"number\" colspan=\"2\">{}{}</th>", swatch(a.run->colour), a.run->name);
    subheads += html("<th class=\"number\">folds</th><th class=\"number\">aliased or tangled</th>");
    signals = std::max(signals, a.record.signals.size());
  }
  Html rows;
  for (size_t s = 0; s < signals; ++s) {
    std::vector<Html> cells;
    std::string label;
    for (const AliasedRun& a : alike) {
      if (s >= a.record.signals.size()) {
        cells.push_back(html("<td></td><td></td>"));
        continue;
      }
      const AliasingSignal& signal = a.record.signals[s];
      const std::string own = short_label(a.record, s);
      if (label.find(own) == std::string::npos) label += (label.empty() ? "" : " / ") + own;
      cells.push_back(cell(percent(signal.folded_energy), between(signal.folded_energy_interval_95), aliased_or_tangled(signal.shares)));
    }
    rows += row_of(label, cells);
  }
  std::vector<Html> means;
  for (const AliasedRun& a : alike) {
    double folds = 0;
    for (const AliasingSignal& signal : a.record.signals) folds += signal.folded_energy / static_cast<double>(a.record.signals.size());
    means.push_back(cell(percent(a.record.signals.empty() ? kUnknown : folds), "", aliased_or_tangled(a.record.mean)));
  }
  rows += row_of("mean", means);
  return html(
      "<div class=\"scroll\"><table><thead><tr><th></th>{}</tr><tr><th>signal</th>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      heads, subheads, rows);
}

}  // namespace

Html compared_aliasing(std::span<const RunFolder> runs) {
  Html body;
  for (const auto& [question, alike] : by_question(runs)) {
    const auto& [data, images, threshold, passing_db] = question;
    body += html(
        "<p class=\"about\">{} image{} of {}. Folds: the share of energy behind a layer that drops samples which came from above half of "
        "the "
        "new rate, with its 95 % interval. Aliased or tangled: the share of frequencies, folds scaled as they add up, a fold passing {} dB "
        "below the {} at most.</p>\n{}",
        images, images == 1 ? "" : "s", data, passing_db, threshold == "max" ? "largest" : "mean", table_of(alike));
    Html differences;
    for (size_t other = 1; other < alike.size(); ++other) differences += difference(alike.front(), alike[other]);
    if (!differences.empty()) body += html("<ul>\n{}</ul>\n", differences);
  }
  return body.empty() ? Html() : folded(html("<h3>Aliasing</h3>"), body, true);
}

}  // namespace convscope

#include "convscope/report/training/seeds_section.h"

#include <cmath>

#include "convscope/report/draw/line_plot.h"
#include "convscope/report/training/training_section.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/seeds_summary.h"

namespace convscope {

namespace {

SeedsSummary seeds_in(const Path& folder) {
  const Path file = folder / kSeedsFile;
  const auto summary = read_record<SeedsSummary>(file);
  require(summary.accuracies.size() <= summary.seeds.size() && summary.best_accuracies.size() <= summary.seeds.size(),
          "{}: accuracies of more trainings than there are seeds", printable(file.string()));
  return summary;
}

std::string accuracy(double share) { return std::isfinite(share) ? percent_text(100 * share) : "–"; }
std::string accuracy_of(const std::vector<double>& shares, size_t i) { return i < shares.size() ? accuracy(shares[i]) : "–"; }
std::string seeds_interval(const std::vector<double>& ends) {
  return ends.size() == 2 ? fmt::format("{} to {}", accuracy(ends[0]), accuracy(ends[1])) : "–";
}

Html seeds_row(std::string_view what, std::string_view last, std::string_view best) {
  return html("<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n", what, last, best);
}

Html seeds_table(const SeedsSummary& s) {
  const char* chosen = s.best_chosen_on.empty()           ? ""
                       : s.best_chosen_on == "validation" ? "; best epochs chosen on held-out training samples"
                                                          : "; best epochs chosen on the test set";
  Html rows;
  for (size_t i = 0; i < s.seeds.size(); ++i)
    rows += seeds_row(fmt::format("seed {}", s.seeds[i]), accuracy_of(s.accuracies, i), accuracy_of(s.best_accuracies, i));
  rows += seeds_row("mean", accuracy(s.accuracy_mean), accuracy(s.best_accuracy_mean));
  rows += seeds_row("standard deviation", accuracy(s.accuracy_deviation), accuracy(s.best_accuracy_deviation));
  rows += seeds_row("95 % interval of the mean", seeds_interval(s.accuracy_interval_95), seeds_interval(s.best_accuracy_interval_95));
  return html(
      "<p class=\"about\">{} of {} trainings, alike but for the seed. Intervals by Student's t distribution{}.</p>\n<div "
      "class=\"scroll\"><table>\n<thead><tr><th>test accuracy</th><th class=\"number\">last epoch</th>"
      "<th class=\"number\">best epoch</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      s.accuracies.size(), s.seeds.size(), chosen, rows);
}

}  // namespace

bool SeedsSection::applies(const Path& folder) const { return std::filesystem::exists(folder / kSeedsFile); }

SectionContent SeedsSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["series"] = json_list();
  for (const RunFolder& run : runs) {
    const SeedsSummary summary = seeds_in(run.path);
    content.body += html("<h3>{}</h3>\n{}", run.name, seeds_table(summary));
    content.data["series"].push_back(fields_to_json(summary));
  }
  return content;
}

std::string SeedsSection::title(const Path& folder) const {
  const SeedsSummary summary = seeds_in(folder);
  const std::string one = summary.seeds.empty() ? "" : training_title(folder / seed_folder_name(summary.seeds.front()));
  return one.empty() ? "" : fmt::format("{}, {} seeds", one, summary.seeds.size());
}

}  // namespace convscope

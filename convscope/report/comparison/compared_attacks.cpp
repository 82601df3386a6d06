#include "convscope/report/comparison/compared_attacks.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "convscope/base/join.h"
#include "convscope/report/attack/attack_curve.h"
#include "convscope/report/page/curves.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

struct AttackedRun {
  const RunFolder* run;
  AttackRecord record;
};

/** The attack, the norm and the images; what differs in one of them cannot be compared. */
using Question = std::tuple<std::string, std::string, std::string>;

/** "cifar10, test, images mistakes", "cifar10, test, images random:20 by seed 2". */
std::string images_of(const AttackRecord& record) {
  const DataOrigin& data = record.data;
  const std::string images = data.images.empty() ? data.text() : fmt::format("{}, images {}", data.text(), data.images);
  const bool by_chance = record.drawn || data.images.find("random:") != std::string::npos;
  return by_chance ? fmt::format("{}{} by seed {}", images, data.images.empty() ? ", drawn" : "", record.seed) : images;
}

std::map<Question, std::vector<AttackedRun>> by_question(std::span<const RunFolder> runs) {
  std::map<Question, std::vector<AttackedRun>> all;
  for (const RunFolder& run : runs)
    for (const Path& file : records_in(run.path / kAttacks, kAttackFile)) {
      AttackRecord record = read_record<AttackRecord>(file);
      if (record.bounded && !record.curve.empty())
        all[{attack_name(record), record.norm, images_of(record)}].push_back({&run, std::move(record)});
    }
  std::erase_if(all, [](const auto& question) {
    const std::vector<AttackedRun>& alike = question.second;
    return std::all_of(alike.begin(), alike.end(), [&](const AttackedRun& a) { return a.run == alike.front().run; });
  });
  return all;
}

Html curves_under(const Question& question, const std::vector<AttackedRun>& alike, Json& plots) {
  const auto& [attack, norm, data] = question;
  std::vector<AttackLine> lines;
  std::vector<const AttackRecord*> records;
  std::vector<std::string> images;
  for (const AttackedRun& a : alike) {
    lines.push_back({&a.record, a.run->name, a.run->colour, false});
    records.push_back(&a.record);
    images.push_back(fmt::format("{}: {}", a.run->name, a.record.total));
  }
  AttackPanel panel = attack_panel(lines);
  panel.panel.heading = fmt::format("{}: {}", attack, panel.panel.heading);
  return html(
      "<div>{}<p class=\"about\">{}; images: {}</p></div>\n",
      told_plot("comparison", std::move(panel.panel), std::move(panel.epsilons), kTallPlot, {"epsilon", epsilon_names(records)}, plots),
      data, std::string(join(images, ", ")));
}

}  // namespace

Html compared_attacks(std::span<const RunFolder> runs, Json& plots) {
  Html figures;
  for (const auto& [question, alike] : by_question(runs)) figures += curves_under(question, alike, plots);
  if (figures.empty()) return {};
  return folded(html("<h3>Under the same attack</h3>"),
                html("{}<div class=\"plots\">\n{}</div>\n<p class=\"about\">Bold are the pictures themselves, with their 95 % intervals; "
                     "thin as 8 bits hold them.</p>\n",
                     legend(runs), figures),
                true);
}

}  // namespace convscope

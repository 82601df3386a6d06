#include "convscope/report/comparison/compared_answers.h"

#include <algorithm>
#include <map>
#include <optional>

#include "convscope/base/join.h"
#include "convscope/report/draw/line_plot.h"
#include "convscope/report/draw/montage.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/answers_compared.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/prediction_sheet.h"

namespace convscope {

namespace {

constexpr size_t kPairsOpen = 10;

/** What a run says about images. */
struct Judged {
  RunFolder run;
  Evaluation evaluation;
  PredictionSheet sheet = {};        // of no images where there is none
  std::vector<Answer> answers = {};  // empty where nobody wrote them down
};

std::vector<Judged> judged(std::span<const RunFolder> runs) {
  std::vector<Judged> all;
  for (const RunFolder& run : runs) {
    const Path predictions = run.path / kPredictions;
    if (!std::filesystem::exists(run.path / kEvaluation)) continue;
    Judged& one = all.emplace_back(Judged{run, read_record<Evaluation>(run.path / kEvaluation)});
    if (std::filesystem::exists(predictions / kSheetFile)) one.sheet = read_record<PredictionSheet>(predictions / kSheetFile);
    if (const Path file = predictions / kAnswersFile; std::filesystem::exists(file))
      one.answers = parse_answers(read_file(file, uint64_t{1} << 30), printable(file.string()));
  }
  return all;
}

std::string class_name(const Judged& one, int64_t y) {
  const auto place = static_cast<size_t>(y);
  return place < one.evaluation.classes.size() ? one.evaluation.classes[place] : fmt::format("class {}", y);
}

// Accuracies.

/** The share and its interval on one axis of all runs. */
Html accuracy_bar(const Judged& one, double low, double high) {
  const auto at = [&](double share) { return (share - low) / (high - low); };
  const auto& [from, to] = one.evaluation.accuracy_interval_95;
  return html(
      "<span class=\"accuracy\" data-colour=\"{0}\" style=\"--given:{0};--low:{1:.4f};--high:{2:.4f};--at:{3:.4f}\"><i></i><b></b></span>",
      hex(one.run.colour), at(from), at(to), at(one.evaluation.accuracy));
}

Html accuracies_table(const std::vector<Judged>& all) {
  double low = 1, high = 0;
  for (const Judged& one : all) {
    low = std::min(low, one.evaluation.accuracy_interval_95[0]);
    high = std::max(high, one.evaluation.accuracy_interval_95[1]);
  }
  Html rows;
  for (const Judged& one : all) {
    const Evaluation& e = one.evaluation;
    rows += html(
        "<tr><th scope=\"row\">{}{}</th><td class=\"number\">{}</td><td>{}</td><td class=\"number\">{:.2f} to {:.2f}</td><td "
        "class=\"number\">{} "
        "of {}</td><td>{}</td></tr>\n",
        swatch(one.run.colour), one.run.name, percent_text(100 * e.accuracy), accuracy_bar(one, low, high), 100 * e.accuracy_interval_95[0],
        100 * e.accuracy_interval_95[1], e.correct, e.total, one.sheet.data.name.empty() ? std::string("–") : one.sheet.data.text());
  }
  return html(
      "<div class=\"scroll\"><table>\n<thead><tr><th>run</th><th class=\"number\">accuracy</th><th></th><th class=\"number\">95 % interval "
      "(Wilson)</th><th class=\"number\">right</th><th>on</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      rows);
}

// Differences on the same images.

struct JudgedPair {
  const Judged *first, *second;
  PairedCounts counts;
};

bool same_data(const Judged& a, const Judged& b) { return a.sheet.data.text() == b.sheet.data.text(); }

std::vector<JudgedPair> pairs_of(const std::vector<Judged>& all) {
  std::vector<JudgedPair> pairs;
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t k = i + 1; k < all.size(); ++k)
      if (same_data(all[i], all[k]))
        if (const auto counts = paired_counts(all[i].answers, all[k].answers)) pairs.push_back({&all[i], &all[k], *counts});
  return pairs;
}

std::string p_text(double p) { return p < 1e-4 ? "< 0.0001" : fmt::format("{:.4f}", p); }

Html pair_row(const JudgedPair& pair) {
  const auto [low, high] = paired_interval(pair.counts);
  return html(
      "<tr><th scope=\"row\">{}{}</th><th scope=\"row\">{}{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td><td "
      "class=\"number\">{}</td><td class=\"number\">{:+.2f}</td><td class=\"number\">{:+.2f} to {:+.2f}</td><td "
      "class=\"number\">{}</td></tr>\n",
      swatch(pair.first->run.colour), pair.first->run.name, swatch(pair.second->run.colour), pair.second->run.name, pair.counts.total(),
      pair.counts.first_alone, pair.counts.second_alone, 100 * pair.counts.difference(), 100 * low, 100 * high,
      p_text(mcnemar_p(pair.counts)));
}

Html pairs_table(const std::vector<JudgedPair>& pairs) {
  Html rows;
  for (const JudgedPair& pair : pairs) rows += pair_row(pair);
  return html(
      "<div class=\"scroll\"><table>\n<thead><tr><th>first</th><th>second</th><th class=\"number\">images</th><th class=\"number\">first "
      "alone right</th><th class=\"number\">second alone right</th><th class=\"number\">difference, points</th><th class=\"number\">95 % "
      "interval</th><th class=\"number\">p</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n"
      "<p class=\"about\">Of the images that both were asked about. p is of McNemar's exact test, two-sided, each pair by itself; the "
      "interval "
      "is Bonett and Price's.</p>\n",
      rows);
}

/** Why runs are not among the pairs. */
Html unpaired(const std::vector<Judged>& all, const std::vector<JudgedPair>& pairs) {
  std::vector<std::string> silent, others;
  for (const Judged& one : all) {
    const bool paired = std::any_of(pairs.begin(), pairs.end(), [&](const JudgedPair& p) { return p.first == &one || p.second == &one; });
    if (one.answers.empty()) silent.push_back(one.run.name);
    if (!one.answers.empty() && !paired) others.push_back(one.run.name);
  }
  Html text;
  if (!silent.empty())
    text += html("<p class=\"about\">No answers image by image, so no differences: {}. An evaluation writes them, predictions/{}.</p>\n",
                 std::string(join(silent, ", ")), kAnswersFile);
  if (!others.empty())
    text += html("<p class=\"about\">Judged on images that no other run was asked about: {}.</p>\n", std::string(join(others, ", ")));
  return text;
}

Html differences(const std::vector<Judged>& all) {
  if (all.size() < 2) return {};
  const std::vector<JudgedPair> pairs = pairs_of(all);
  Html body;
  if (!pairs.empty()) body += pairs_table(pairs);
  body += unpaired(all, pairs);
  return folded(html("<h3>Differences on the same images</h3>"), body, pairs.size() <= kPairsOpen);
}

// Images on which they disagree.

/** The picture of an image, from the first sheet that has it, or kept for such a page. */
Html picture_of(int64_t index, std::span<const Judged* const> alike) {
  for (const Judged* one : alike)
    for (const std::vector<SheetEntry>* list : {&one->sheet.mistakes, &one->sheet.first})
      for (const SheetEntry& entry : *list) {
        const Path file = one->run.path / kPredictions / entry.picture;
        if (entry.index == index && !entry.picture.empty() && std::filesystem::exists(file))
          return picture(fmt::format("image {}", index), data_address(shrunk(read_image(file), kLongestSide)));
      }
  for (const Judged* one : alike)
    if (const Path kept = one->run.path / kPredictions / disputed_picture(index); std::filesystem::exists(kept))
      return picture(fmt::format("image {}", index), data_address(shrunk(read_image(kept), kLongestSide)));
  return html("<span class=\"no-picture\">no picture</span>");
}

Html dispute_card(const Dispute& dispute, std::span<const Judged* const> alike) {
  Html said;
  for (size_t n = 0; n < alike.size(); ++n) {
    const Answer& answer = dispute.answers[n];
    said += html("<li class=\"{}\" title=\"{}\">{}<span>{} {}</span><small>{:.0f} %</small></li>\n", answer.right() ? "right" : "wrong",
                 alike[n]->run.name, swatch(alike[n]->run.colour), answer.right() ? "✓" : "✗", class_name(*alike[n], answer.predicted),
                 100 * answer.confidence);
  }
  return html("<li class=\"dispute\"><div>{}</div><div><p><b>{}</b> <small>#{}</small></p>\n<ul>\n{}</ul></div></li>\n",
              picture_of(dispute.index, alike), class_name(*alike.front(), dispute.label), dispute.index, said);
}

Html disputes_on(const std::string& data, const std::vector<const Judged*>& alike) {
  std::vector<std::vector<Answer>> networks;
  std::vector<RunFolder> runs;
  for (const Judged* one : alike) {
    networks.push_back(one->answers);
    runs.push_back(one->run);
  }
  const Disputes found = disputes_of(networks, kMostDisputes);
  if (found.asked == 0) return {};
  if (found.disputed == 0)
    return html("<p class=\"about\">{}: all were asked about {} images, and say the same of each.</p>\n", data, found.asked);
  Html cards;
  for (const Dispute& dispute : found.first) cards += dispute_card(dispute, alike);
  const Html about = html(
      "<p class=\"about\">{}: all were asked about {} images and disagree on {}. Shown {} {}: those with the most opinions, and of equals "
      "those "
      "of which they are surest.</p>\n",
      data, found.asked, found.disputed, found.first.size() < static_cast<size_t>(found.disputed) ? "are the first" : "are all",
      found.first.size());
  return html("{}{}<ul class=\"disputes\">\n{}</ul>\n", about, legend(runs), cards);
}

Html disagreements(const std::vector<Judged>& all) {
  std::map<std::string, std::vector<const Judged*>> by_data;
  for (const Judged& one : all)
    if (!one.answers.empty()) by_data[one.sheet.data.text()].push_back(&one);
  Html body;
  for (const auto& [data, alike] : by_data)
    if (alike.size() > 1) body += disputes_on(data.empty() ? "data that nobody named" : data, alike);
  return body.empty() ? Html() : folded(html("<h3>Images on which they disagree</h3>"), body, true);
}

}  // namespace

Html compared_answers(std::span<const RunFolder> runs) {
  const std::vector<Judged> all = judged(runs);
  if (all.empty()) return {};
  Html body = accuracies_table(all);
  body += differences(all);
  body += disagreements(all);
  return body;
}

}  // namespace convscope

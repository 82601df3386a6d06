#include "convscope/report/aliasing/aliasing_section.h"

#include <cmath>

#include "convscope/report/aliasing/aliasing_category.h"
#include "convscope/report/aliasing/aliasing_figures.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr size_t kMostMaps = 24, kMostChannelFigures = 16;  // on the page; all are among the figures

constexpr std::string_view kAliasingStyle = R"css(
.alias table { margin: 0 0 1.75rem; }
.alias th.all { text-align: center; }
.alias thead tr:first-child th { border-bottom: 0; padding-bottom: 0; }
.alias tr.mean > * { font-weight: 600; border-bottom: 0; }
.alias .begins { border-left: 1px solid var(--line); padding-left: 1.25rem; }
.alias .plot { max-width: 34rem; }
.alias tbody small { display: block; }
.alias tbody th { min-width: 9.5rem; }
)css";

/** Eight cells. */
Html cells(const ScaledShares& shares) {
  Html all;
  for (const AliasingShares* scaling : {&shares.published, &shares.contribution}) {
    bool first = scaling == &shares.contribution;
    for (const AliasingCategory& c : kAliasingCategories) {
      all += html("<td class=\"number{}\">{:.1f}</td>", first ? " begins" : "", 100 * (scaling->*c.share));
      first = false;
    }
  }
  return all;
}

Html heads(std::string_view what) {
  Html names;
  for (const bool begins : {false, true}) {
    bool first = begins;
    for (const AliasingCategory& c : kAliasingCategories) {
      names += html("<th class=\"number{}\">{}</th>", first ? " begins" : "", c.name);
      first = false;
    }
  }
  return html(
      "<thead><tr><th></th><th class=\"all\" colspan=\"4\">folds unscaled, as published</th><th class=\"all begins\" colspan=\"4\">folds "
      "scaled as they add up</th></tr>\n<tr><th>{}</th>{}</tr></thead>\n",
      what, names);
}

Html shares_table(std::string_view what, const Html& rows) {
  return html("<div class=\"scroll\"><table>\n{}<tbody>\n{}</tbody></table></div>\n", heads(what), rows);
}

/** How much folds, signal by signal; nothing of records of earlier versions, which do not know. */
Html energy_table(const AliasingRecord& record) {
  Html rows;
  for (size_t s = 0; s < record.signals.size(); ++s) {
    const AliasingSignal& signal = record.signals[s];
    if (!std::isfinite(signal.folded_energy)) return {};
    const std::vector<double>& i = signal.folded_energy_interval_95;
    rows += html("<tr><th>{}<small>{}</small></th><td class=\"number\">{:.1f} %</td><td class=\"number\">{}</td></tr>\n",
                 short_label(record, s), signal.name, 100 * signal.folded_energy,
                 i.size() == 2 ? fmt::format("{:.1f} to {:.1f} %", 100 * i[0], 100 * i[1]) : "–");
  }
  return html(
      "<h4>Energy that folds</h4>\n<p class=\"about\">Of what is left after samples were dropped: the share of its energy that was not "
      "there "
      "below half of the new rate. 0 where nothing folds, about 75 % for white noise of which every second row and column stays.</p>\n"
      "<div class=\"scroll\"><table>\n<thead><tr><th>signal</th><th class=\"number\">folds</th><th class=\"number\">95 % interval</th></tr>"
      "</thead>\n<tbody>\n{}</tbody></table></div>\n",
      rows);
}

Html signals_table(const AliasingRecord& record) {
  Html rows;
  for (size_t s = 0; s < record.signals.size(); ++s) {
    const AliasingSignal& signal = record.signals[s];
    rows += html("<tr><th>{}<small>{}, {} × {} × {}</small></th>{}</tr>\n", short_label(record, s), signal.name, signal.channels,
                 signal.rows, signal.columns, cells(signal.shares));
  }
  rows += html("<tr class=\"mean\"><th>mean</th>{}</tr>\n", cells(record.mean));
  return shares_table("signal, %", rows);
}

Html totals_table(const AliasingView& view) {
  const bool legacy = view.record.accounting == "legacy";
  return shares_table(
      "mean, %", html("<tr><th>exclusive{}<small>the four add up to all frequencies</small></th>{}</tr>\n"
                      "<tr><th>legacy{}<small>no pass counts what is aliased once more, as in the published totals</small></th>{}</tr>\n",
                      legacy ? "" : ", shown below", cells(view.exclusive), legacy ? ", shown below" : "", cells(view.legacy)));
}

Html figures(const std::vector<NamedFigure>& all, size_t most = SIZE_MAX) {
  if (all.empty()) return {};
  Html drawn;
  for (size_t i = 0; i < std::min(all.size(), most); ++i) drawn += html("<figure class=\"plot\">{}</figure>\n", html_of(all[i].figure));
  Html rest;
  if (all.size() > most) rest = html("<p class=\"about\">{} more are in the folder's figures.</p>\n", all.size() - most);
  return html("<div class=\"plots\">\n{}</div>\n{}", drawn, rest);
}

Html under_attack_table(const AliasingCurve& curve) {
  Html rows;
  for (const AliasingCurvePoint& p : curve.points)
    rows += html(
        "<tr><td class=\"number\">{}</td><td class=\"number\">{:.1f} %</td><td class=\"number\">{}</td><td class=\"number\">{:.1f} "
        "%</td><td "
        "class=\"number\">{:.1f} to {:.1f} %</td><td class=\"number\">{:.1f} %</td><td class=\"number\">{:.1f} to {:.1f} %</td></tr>\n",
        epsilon_text(p.epsilon), 100 * p.accuracy, std::isfinite(p.top5_accuracy) ? fmt::format("{:.1f} %", 100 * p.top5_accuracy) : "–",
        100 * p.median, 100 * p.low, 100 * p.high, 100 * p.contribution_median, 100 * p.contribution_low, 100 * p.contribution_high);
  return html(
      "<div class=\"scroll\"><table><thead><tr><th class=\"number\">ε</th><th class=\"number\">top-1</th><th "
      "class=\"number\">top-5</th><th "
      "class=\"number\">aliased or tangled, median</th><th class=\"number\">1–99 % of images</th><th class=\"number\">scaled as they add "
      "up</th><th class=\"number\">1–99 % of images</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      rows);
}

Html about_aliasing(const AliasingRecord& r) {
  const std::string known = r.labelled > 0 ? fmt::format(", {} of {} named right", r.correct, r.labelled) : "";
  return html(
      "<p class=\"about\">{}: {} image{} of {}{}; {} signal{}. A fold passes where its power is at most {} dB below the {} of the spectrum "
      "after "
      "samples were dropped. Shares are means over images; in a mean over signals each weighs the same.</p>\n",
      r.network.name, r.images, r.images == 1 ? "" : "s", r.data.text(), known, r.signals.size(), r.signals.size() == 1 ? "" : "s",
      r.passing_db, r.threshold == "max" ? "largest value" : "mean");
}

Html of_run(const AliasingView& view) {
  Html body = about_aliasing(view.record);
  body += totals_table(view);
  body += figures(view.pies);
  body += html("<h4>Signal by signal</h4>\n{}{}", signals_table(view.record), figures(view.bars));
  body += energy_table(view.record);
  if (!view.maps.empty())
    body += html("<h4>Frequencies</h4>\n<p class=\"about\">Zero frequency is in the middle.</p>\n{}", figures(view.maps, kMostMaps));
  if (!view.boxes.empty()) body += html("<h4>Right and wrong images</h4>\n{}", figures(view.boxes));
  if (view.curve)
    body += html(
        "<h4>Under attack</h4>\n<p class=\"about\">{} images of {}; {}. The share that is aliased or tangled is each image's mean over the "
        "signals, "
        "by exclusive accounting.</p>\n{}{}",
        view.curve->images, view.curve->data.text(), view.curve->attack, figures(view.curves), under_attack_table(*view.curve));
  if (!view.channels.empty()) body += html("<h4>Channel by channel</h4>\n{}", figures(view.channels, kMostChannelFigures));
  return html("<div class=\"alias\">\n{}</div>\n", body);
}

}  // namespace

bool AliasingSection::applies(const Path& folder) const { return !aliasings_in(folder).empty(); }

SectionContent AliasingSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["records"] = json_list();
  for (const RunFolder& run : runs) {
    Html body;
    const std::vector<Path> folders = aliasings_in(run.path);
    for (const Path& folder : folders) {
      const AliasingView view = aliasing_view(folder);
      if (folders.size() > 1) body += html("<h4>{}</h4>\n", folder.filename().string());
      body += of_run(view);
      content.data["records"].push_back({{"run", run.name},
                                         {"record", fields_to_json(view.record)},
                                         {"exclusive", fields_to_json(view.exclusive)},
                                         {"legacy", fields_to_json(view.legacy)}});
    }
    content.body += part_of_run(run, body);
  }
  return content;
}

std::string AliasingSection::title(const Path& folder) const {
  return network_on_data(read_result(aliasings_in(folder).front() / kAliasingFile));
}

std::string_view AliasingSection::style() const { return kAliasingStyle; }

}  // namespace convscope

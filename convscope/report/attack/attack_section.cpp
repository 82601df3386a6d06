#include "convscope/report/attack/attack_section.h"

#include <algorithm>
#include <cmath>

#include "convscope/report/attack/attack_curve.h"
#include "convscope/report/attack/attack_pairs.h"
#include "convscope/report/attack/attack_sheet.h"
#include "convscope/report/draw/montage.h"
#include "convscope/report/page/curves.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr size_t kMostShown = 32;  // attacked images, shared by all attacks of the page
constexpr size_t kMostOfOne = 8;

struct Attacked {
  Path folder;
  AttackRecord record;
};

std::string share_text(double share) { return std::isfinite(share) ? percent_text(100 * share) : "–"; }

std::string interval_text(const std::array<double, 2>& ends) { return fmt::format("{:.1f} to {:.1f}", 100 * ends[0], 100 * ends[1]); }

std::string epsilon_cell(const AttackRecord& r, const AttackPoint& p) { return r.bounded ? epsilon_text(p.epsilon) : "none"; }

Html panel_of(const Attacked& attack, const std::string& file, std::string_view alt, const Html& caption) {
  const Path path = attack.folder / file;
  const Html shown = file.empty() || !std::filesystem::exists(path) ? html("<span class=\"no-picture\">no picture</span>")
                                                                    : picture(alt, data_address(shrunk(read_image(path), kLongestSide)));
  return html("<figure>{}<figcaption>{}</figcaption></figure>", shown, caption);
}

/** Image, change and picture of those that were drawn, at most so many. */
Html sheet(const Attacked& attack, size_t most) {
  Html rows;
  size_t count = 0;
  const AttackRecord& r = attack.record;
  for (const AttackImage& i : r.images) {
    if (i.result.empty() || count == most) continue;
    ++count;
    const AttackCaption before = caption_before(r, i), after = caption_after(r, i);
    rows += html(
        "<li class=\"turned {}\">{}{}{}</li>\n", outcome_of(i) == "wrong before" ? "before" : outcome_of(i),
        panel_of(attack, i.clean, fmt::format("image {}", i.index),
                 html("<b>{}</b><span>{}</span><small>{}</small>", before.name, before.confidence, number_text(i))),
        panel_of(attack, i.noise, fmt::format("{} image {}", r.from_black ? "the slope at" : "what is added to", i.index),
                 html("<span>{}</span><small>{}</small>", gain_text(r), change_text(i))),
        panel_of(attack, i.result, fmt::format("image {} after the attack", i.index),
                 html("<b>{}</b><span>{}</span><small>{}{}</small>", after.name, after.confidence,
                      i.target.empty() || i.target == i.to ? std::string() : fmt::format("aimed at {}. ", i.target), rounding_text(i))));
  }
  return rows.empty() ? Html() : html("<ul class=\"attacked\">\n{}</ul>\n", rows);
}

Html attack_table(const AttackRecord& r) {
  const bool top5 = std::any_of(r.curve.begin(), r.curve.end(), [](const AttackPoint& p) { return std::isfinite(p.top5_accuracy); });
  const bool outside = std::any_of(r.curve.begin(), r.curve.end(), [](const AttackPoint& p) { return p.outside_8bit > 0; });
  Html heads, rows;
  for (const char* head : {"epsilon", "accuracy", "as 8 bits", "top 5", "success", "success as 8 bits", "flipped", "L∞ at most", "mean L2",
                           "iterations", "outside as 8 bits"}) {
    const std::string_view name = head;
    if ((name == "top 5" && !top5) || (name == "outside as 8 bits" && !outside)) continue;
    heads += html("<th class=\"number\">{}</th>", name);
  }
  for (const AttackPoint& p : r.curve) {
    Html cells = html("<th class=\"number\" scope=\"row\">{}</th>", epsilon_cell(r, p));
    const auto cell = [&](const std::string& text, const std::string& small = "") {
      cells += html("<td class=\"number\">{}<small>{}</small></td>", text, small);
    };
    cell(share_text(p.accuracy), interval_text(p.accuracy_interval_95));
    cell(share_text(p.accuracy_8bit), interval_text(p.accuracy_8bit_interval_95));
    if (top5) cell(share_text(p.top5_accuracy), std::isfinite(p.top5_accuracy) ? interval_text(p.top5_interval_95) : "");
    cell(share_text(p.success_rate), std::isfinite(p.success_rate) ? interval_text(p.success_interval_95) : "");
    cell(share_text(p.success_rate_8bit));
    cell(share_text(p.flip_rate));
    cell(fmt::format("{:.4f}", p.linf_max));
    cell(std::isfinite(p.l2_mean) ? fmt::format("{:.3f}", p.l2_mean) : "–");
    cell(fmt::format("{:.1f}", p.iterations_mean));
    if (outside) cell(fmt::format("{}", p.outside_8bit));
    rows += html("<tr>{}</tr>\n", cells);
  }
  return html("<div class=\"scroll\"><table class=\"curve\"><thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n", heads, rows);
}

Html classes_table(const AttackRecord& r) {
  if (r.classes.size() < 2 || r.curve.empty()) return {};
  const bool aimed = aims(r);
  Html heads, rows;
  for (const AttackPoint& p : r.curve)
    heads += html("<th class=\"number\">{}</th>", r.bounded ? "ε " + epsilon_text(p.epsilon) : std::string(aimed ? "reached" : "accuracy"));
  for (const AttackClass& c : r.classes) {
    Html cells;
    const std::vector<double>& shares = aimed ? c.success_rate : c.accuracy;
    for (size_t e = 0; e < shares.size(); ++e)
      cells += html("<td class=\"number\">{}<small>{}</small></td>", share_text(shares[e]),
                    aimed ? std::string() : interval_text(c.accuracy_interval_95[e]));
    rows += html("<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td>{}</tr>\n", c.name, c.total,
                 share_text(c.clean_accuracy), cells);
  }
  return html(
      "<details><summary>Class by class</summary>\n<div class=\"scroll\"><table class=\"epochs\"><caption>{}</caption><thead><tr><th>class"
      "</th><th class=\"number\">{}</th><th class=\"number\">clean</th>{}</tr></thead>\n<tbody>\n{}</tbody></table></div></details>\n",
      aimed ? "Share that reached its aim" : "Accuracy under attack", aimed ? "attempts" : "images", heads, rows);
}

/** Of several attacks, what each left. */
Html parts_table(const AttackRecord& r) {
  if (!r.parts) return {};
  Html rows;
  for (const AttackPartRecord& part : *r.parts)
    rows += html("<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n", part.attack,
                 part.left_out.empty() ? share_text(part.accuracy) : "left out: " + part.left_out, fmt::format("{:.1f}", part.seconds));
  return html(
      "<div class=\"scroll\"><table class=\"epochs\"><caption>What each part left right{}</caption><thead><tr><th>attack</th>"
      "<th class=\"number\">accuracy</th><th class=\"number\">seconds</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      r.curve.size() > 1 ? ", within the largest ε" : "", rows);
}

/** Whether the figure can be believed, and why. */
Html trust_table(const AttackRecord& r) {
  if (!r.trust || !r.reasons) return {};
  Html rows;
  for (const TrustReason& reason : *r.reasons)
    rows += html("<tr class=\"{}\"><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n", reason.finding, reason.check, reason.finding,
                 reason.text);
  const char* said = *r.trust == "ok"         ? "Nothing speaks against this figure."
                     : *r.trust == "doubtful" ? "This figure is doubtful."
                                              : "This figure cannot be believed.";
  return html(
      "<div class=\"scroll\"><table class=\"epochs trust\"><caption><b "
      "class=\"{}\">{}</b>{}</caption>\n<tbody>\n{}</tbody></table></div>\n",
      *r.trust, said,
      r.trust_epsilon && r.trust_images
          ? fmt::format(" Looked at within {}, on {} images.", epsilon_text(*r.trust_epsilon), *r.trust_images)
          : std::string(),
      rows);
}

std::string about_attack(const AttackRecord& r) {
  std::string text = fmt::format("{} on {}. ", r.network.name, r.data.text());
  text += fmt::format("{} of {} {} attacked", r.attacked, r.total, aims(r) ? "attempts" : "images");
  if (r.confidence > 0) text += fmt::format(", until a confidence of {:.4g}", r.confidence);
  if (r.min_confidence > 0) text += fmt::format(", from images that are right with at least {:.4g}", r.min_confidence);
  text += r.independent ? "; all steps on every image, also those that are wrong" : "; an image is done as soon as it is fooled";
  if (r.drawn) text += "; images drawn at random";
  if (r.from_black)
    text +=
        "; what is classified is the slope alone, without the image: the middle shows it, numbers below 0 darker than grey, and in the "
        "file they are black";
  if (r.nearest)
    text +=
        fmt::format("; a nearest picture was found for {} of {} images that were right, {} of the distances: median {}", r.nearest->found,
                    r.nearest->images, r.norm, std::isfinite(r.nearest->median) ? fmt::format("{:.5f}", r.nearest->median) : "none");
  return text + fmt::format(". Clean accuracy {} of {} images.", share_text(r.clean_accuracy), r.examined);
}

Html pairs_figure(const AttackRecord& r) {
  const std::optional<Figure> figure = attack_pairs(r, false);
  if (!figure) return {};
  return html("<figure class=\"matrix\" style=\"--width:{}px\">{}</figure>\n", figure->width(), html_of(*figure));
}

/** The pictures travel in the markup; of images without one the page keeps no numbers either. */
Json kept(const AttackRecord& record, size_t most) {
  AttackRecord some = record;
  std::erase_if(some.images, [](const AttackImage& i) { return i.result.empty(); });
  if (some.images.size() > most) some.images.resize(most);
  return fields_to_json(some);
}

Html curves_of(const std::vector<Attacked>& attacks, Json& plots) {
  std::vector<AttackRecord> records;
  std::vector<const AttackRecord*> places;
  for (const Attacked& attack : attacks) {
    records.push_back(attack.record);
    places.push_back(&attack.record);
  }
  Html all;
  for (AttackPanel& panel : attack_panels(records))
    all += told_plot("attack", std::move(panel.panel), std::move(panel.epsilons), kTallPlot, {"epsilon", epsilon_names(places)}, plots);
  return all.empty() ? Html() : html("<div class=\"plots\">\n{}</div>\n", all);
}

/** One attack in full; the first of a run is open. */
Html part_of_attack(const Attacked& attack, const std::string& name, size_t most_pictures, bool open) {
  const AttackRecord& r = attack.record;
  return folded(html("<h4>{}</h4>", name),
                html("<p class=\"about\">{}</p>\n{}{}{}{}{}{}", about_attack(r), attack_table(r), parts_table(r), trust_table(r),
                     sheet(attack, most_pictures), pairs_figure(r), classes_table(r)),
                open);
}

constexpr std::string_view kAttackStyle = R"css(
.attacked { list-style: none; margin: 1.25rem 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 23rem), 1fr)); gap: 1.25rem 2rem; }
.turned { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .6rem; border-top: 3px solid var(--line); padding-top: .6rem; break-inside: avoid; }
.turned.reached { border-top-color: var(--wrong); }
.turned.before { border-top-style: dashed; }
.turned img { width: 100%; display: block; image-rendering: pixelated; border-radius: .3rem; }
.turned figcaption { display: flex; flex-direction: column; font-size: .84rem; line-height: 1.4; padding-top: .35rem; font-variant-numeric: tabular-nums; min-width: 0; }
.turned figcaption b { font-weight: 600; overflow-wrap: anywhere; }
.turned figcaption span { color: var(--muted); }
.turned figcaption small { font-size: .75rem; overflow-wrap: anywhere; }
.turned small:empty, .curve small:empty { display: none; }
.curve td small { display: block; }
.curve thead th { white-space: normal; }
#attack .scroll + .scroll { margin-top: 1.25rem; }
.trust .doubtful td, .trust b.doubtful { font-weight: 600; }
.trust .broken td, .trust b.broken { color: var(--wrong); font-weight: 600; }
#attack .matrix { margin: 1.25rem 0; }
)css";

}  // namespace

bool AttackSection::applies(const Path& folder) const { return !records_in(folder / kAttacks, kAttackFile).empty(); }

SectionContent AttackSection::render(std::span<const RunFolder> runs) const {
  std::vector<std::vector<Attacked>> of_run;
  size_t count = 0;
  for (const RunFolder& run : runs) {
    std::vector<Attacked>& attacks = of_run.emplace_back();
    for (const Path& file : records_in(run.path / kAttacks, kAttackFile))
      attacks.push_back({file.parent_path(), read_record<AttackRecord>(file)});
    count += attacks.size();
  }
  const size_t most = std::clamp<size_t>(kMostShown / std::max<size_t>(1, count), 2, kMostOfOne);

  SectionContent content;
  content.data["runs"] = json_list();
  content.data["plots"] = json_list();
  for (size_t i = 0; i < runs.size(); ++i) {
    Html body = curves_of(of_run[i], content.data["plots"]);
    Json kept_records = json_list();
    std::vector<AttackRecord> records;
    for (const Attacked& attack : of_run[i]) records.push_back(attack.record);
    const std::vector<std::string> names = attack_names(records);
    for (size_t n = 0; n < of_run[i].size(); ++n) {
      body += part_of_attack(of_run[i][n], names[n], most, n == 0);
      kept_records.push_back(kept(of_run[i][n].record, most));
    }
    content.body += part_of_run(runs[i], body);
    content.data["runs"].push_back({{"run", runs[i].name}, {"attacks", std::move(kept_records)}});
  }
  content.body += html(
      "<p class=\"about\">Epsilon is how far a picture may be from its image, in units of pixels that lie in [0, 1]. Success counts images "
      "that "
      "were right before; flipped is every image whose predicted class changed. Small numbers are 95 % intervals. Numbers as 8 bits are of "
      "the pictures as a PNG file holds them. Top 5 and L2 are told where every image went all steps. A red line is over pictures that "
      "reached the goal, a dashed one over images that were wrong before.{}</p>\n",
      std::string(count > 1 ? " Upright strokes are 95 % intervals; thin lines are the pictures as 8 bits hold them." : ""));
  return content;
}

std::string AttackSection::title(const Path& folder) const {
  return network_on_data(read_result(records_in(folder / kAttacks, kAttackFile).front()));
}

std::string_view AttackSection::style() const { return kAttackStyle; }

}  // namespace convscope

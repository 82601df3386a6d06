#include "convscope/report/study/antialiasing_section.h"

#include <cmath>

#include "convscope/report/page/fold.h"
#include "convscope/results/antialiasing_record.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

Html number(const std::string& text) { return html("<td class=\"number\">{}</td>", text); }

/** "81.2", and below it what it may be. */
Html share(double value, const std::array<double, 2>& interval) {
  if (!std::isfinite(value)) return number("–");
  return html("<td class=\"number\">{:.1f}<small>{:.1f}–{:.1f}</small></td>", 100 * value, 100 * interval[0], 100 * interval[1]);
}

Html networks_table(const AntialiasingRecord& record) {
  Html rows;
  for (const AntialiasingRow& r : record.rows) {
    Html row = html("<th>{}</th>", r.downsample);
    row += share(r.accuracy, r.accuracy_interval_95);
    row += share(r.crop, r.crop_interval_95);
    row += share(r.circular, r.circular_interval_95);
    row += share(r.worst, r.worst_interval_95);
    row += share(r.fgsm, r.fgsm_interval_95);
    row += share(r.pgd, r.pgd_interval_95);
    row += share(r.folded_energy, r.folded_energy_interval_95);
    for (const double s : {r.shares.non_aliased, r.shares.aliased, r.shares.tangled, r.shares.no_pass})
      row += number(fmt::format("{:.1f}", 100 * s));
    row += number(fmt::format("{:.1f}", static_cast<double>(r.macs) / 1e6));
    row += number(std::isfinite(r.images_per_second) ? fmt::format("{:.0f}", r.images_per_second) : "–");
    rows += html("<tr>{}</tr>\n", row);
  }
  Html heads;
  for (const char* head : {"accuracy", "two crops", "circular", "every shift", "FGSM", "PGD", "energy that folds", "non-aliased", "aliased",
                           "tangled", "no pass", "million multiply-adds", "images a second"})
    heads += html("<th class=\"number\">{}</th>", head);
  return html("<div class=\"scroll\"><table>\n<thead><tr><th>%</th>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n", heads, rows);
}

Html relations_table(const AntialiasingRecord& record) {
  Html rows;
  for (const AntialiasingRow& row : record.rows)
    for (const ImageRelation& r : row.relations)
      rows += html(
          "<tr><th>{}</th><td>{}</td><td class=\"number\">{} of {}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
          row.downsample, r.what, r.cases, r.images, std::isfinite(r.correlation) ? fmt::format("{:+.3f}", r.correlation) : "–",
          std::isfinite(r.interval_95[0]) ? fmt::format("{:+.3f} to {:+.3f}", r.interval_95[0], r.interval_95[1]) : "–");
  return html(
      "<div class=\"scroll\"><table>\n<thead><tr><th>network</th><th>images that are</th><th class=\"number\">how many</th><th "
      "class=\"number\">rank correlation with what folds</th><th class=\"number\">95 % interval</th></tr></thead>\n<tbody>\n{}</tbody>"
      "</table></div>\n",
      rows);
}

Html about(const AntialiasingRecord& record) {
  return html(
      "<p class=\"about\">{} images of {}, the same for all. {} Two crops up to {} pixels apart and circular shifts of up to {} pixels; "
      "FGSM and "
      "{} steps of PGD within ε = {}, L∞. Small numbers are 95 % intervals over images; another training would differ too. Shares of "
      "frequencies "
      "and the energy that folds are means over the places that drop samples, looked at behind their filters.</p>\n",
      record.images, record.data.text(),
      record.trained
          ? "Each network was trained from its beginning with the same recipe."
          : "Each has the weights of the same network, which were not trained on after it was changed: what it lost is no fault of the "
            "filter.",
      2 * record.shift, record.shift, record.pgd_steps, epsilon_text(record.epsilon));
}

constexpr std::string_view kAntialiasingStyle = R"css(
.antialiasing td small { display: block; color: var(--muted); }
.antialiasing table { margin: 0 0 1.75rem; }
)css";

}  // namespace

bool AntialiasingSection::applies(const Path& folder) const { return std::filesystem::exists(folder / kAntialiasingFile); }

SectionContent AntialiasingSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  for (const RunFolder& run : runs) {
    const auto record = read_record<AntialiasingRecord>(run.path / kAntialiasingFile);
    Html findings;
    for (const std::string& line : relation_findings(record)) findings += html("<li>{}</li>\n", line);
    Html body = about(record);
    body += networks_table(record);
    body += html("<h4>Does what folds tell which images are wrong, fooled or shifted away?</h4>\n<ul class=\"findings\">\n{}</ul>\n{}",
                 findings, relations_table(record));
    content.body += part_of_run(run, html("<div class=\"antialiasing\">\n{}</div>\n", body));
  }
  return content;
}

std::string_view AntialiasingSection::style() const { return kAntialiasingStyle; }

}  // namespace convscope

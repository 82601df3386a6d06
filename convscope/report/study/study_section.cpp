#include "convscope/report/study/study_section.h"

#include <cmath>
#include <set>

#include "convscope/results/run_folder.h"
#include "convscope/results/study_record.h"

namespace convscope {

namespace {

constexpr std::string_view kStudyStyle = R"css(
.study td.note { color: var(--muted); font-size: .8125rem; max-width: 26rem; }
.study .ours b { font-weight: 600; }
.study .ours small { display: block; }
.parts { list-style: none; padding: 0; margin: 1rem 0 0; display: flex; flex-wrap: wrap; gap: .3rem 1.25rem; font-size: .875rem; }
.parts .open, .parts .begun { color: var(--muted); }
.commands { list-style: none; padding: 0; margin: .75rem 0 0; font-size: .8125rem; color: var(--muted); }
)css";

StudyRecord study_in(const Path& folder) {
  const Path file = folder / kStudyFile;
  return read_record<StudyRecord>(file);
}

std::string study_number(double v, const std::string& unit) {
  if (std::isnan(v)) return "–";
  return unit == "%" ? fmt::format("{:.1f} %", v) : fmt::format("{:.4g}{}{}", v, unit.empty() ? "" : " ", unit);
}

std::string difference(const StudyFigure& f) {
  if (std::isnan(f.published) || std::isnan(f.ours)) return "";
  const double d = f.ours - f.published;
  return fmt::format("{}{:.1f}", d < 0 ? "−" : "+", std::abs(d));
}

Html study_row(const StudyFigure& f) {
  const std::string interval = std::isnan(f.low) ? ""
                               : f.unit.empty()  ? fmt::format("{:.2g} to {:.2g}", f.low, f.high)
                                                 : fmt::format("{:.1f} to {:.1f}", f.low, f.high);
  return html(
      "<tr><th>{}</th><td class=\"number\">{}</td><td class=\"number ours\"><b>{}</b><small>{}</small></td><td class=\"number\">{}</td>"
      "<td class=\"note\">{}</td></tr>\n",
      f.what, study_number(f.published, f.unit), study_number(f.ours, f.unit), interval, difference(f), f.note);
}

/** Each command that did some of its parts, once. */
Html commands_of(const StudyRecord& record) {
  Html items;
  std::set<std::string> told;
  for (const StudyPart& p : record.parts)
    if (!p.command.empty() && told.insert(p.command + p.version + p.date).second)
      items += html("<li><code>{}</code> version {}, {}, {}</li>\n", p.command, p.version, p.processor, p.date);
  return items.empty() ? Html() : html("<ul class=\"commands\">\n{}</ul>\n", items);
}

/** "Medium". */
std::string capitalised(std::string word) {
  if (!word.empty() && word.front() >= 'a' && word.front() <= 'z') word.front() = static_cast<char>(word.front() - 'a' + 'A');
  return word;
}

}  // namespace

bool StudySection::applies(const Path& folder) const { return std::filesystem::exists(folder / kStudyFile); }

SectionContent StudySection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["studies"] = json_list();
  for (const RunFolder& run : runs) {
    const StudyRecord record = study_in(run.path);
    Html rows, parts;
    for (const StudyFigure& f : record.figures) rows += study_row(f);
    for (const StudyPart& p : record.parts)
      parts += html("<li class=\"{0}\">{1} {2}</li>\n", p.state, p.state == "done" ? "✓" : p.state == "begun" ? "…" : "○", p.name);
    content.body += html(
        "<h3>{}</h3>\n<p class=\"about\">{} scale. The difference is in points, ours less published; intervals are at 95 %.</p>\n"
        "<div class=\"scroll\"><table class=\"study\"><thead><tr><th></th><th class=\"number\">published</th><th class=\"number\">here</th>"
        "<th class=\"number\">difference</th><th></th></tr></thead><tbody>\n{}</tbody></table></div>\n<ul class=\"parts\">\n{}</ul>\n{}",
        record.title, capitalised(record.scale), rows, parts, commands_of(record));
    content.data["studies"].push_back(fields_to_json(record));
  }
  return content;
}

std::string StudySection::title(const Path& folder) const { return study_in(folder).title; }

std::string_view StudySection::style() const { return kStudyStyle; }

}  // namespace convscope

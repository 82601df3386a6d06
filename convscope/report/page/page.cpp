#include "convscope/report/page/page.h"

#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/base/version.h"
#include "convscope/report/draw/run_colour.h"
#include "convscope/report/page/fold.h"
#include "convscope/report/page/page_parts.h"
#include "convscope/report/page/section.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

/** Folders' last names; where these are equal, as much of the path before as tells them apart. */
std::vector<std::string> names_of(std::span<const Path> folders) {
  std::vector<std::vector<std::string>> parts;
  for (const Path& folder : folders) {
    parts.emplace_back();
    for (const Path& part : std::filesystem::absolute(folder).lexically_normal())
      if (!part.empty() && part != "/") parts.back().push_back(printable(part.string()));
  }
  const auto name = [](const std::vector<std::string>& path, size_t depth) {
    return std::string(join(std::span(path).last(std::min(depth, path.size())), "/"));
  };
  std::vector<std::string> names;
  for (size_t i = 0; i < parts.size(); ++i) {
    size_t depth = 1;
    for (size_t k = 0; k < parts.size(); ++k)
      while (k != i && depth < parts[i].size() && name(parts[k], depth) == name(parts[i], depth)) ++depth;
    names.push_back(name(parts[i], depth));
  }
  return names;
}

/** "resnet20 on cifar10", from the first section that can tell; else the name. */
std::string title_of(const Path& folder, const std::string& name) {
  for (const auto& row : sections().rows()) {
    const auto section = row.make({});
    if (!section->applies(folder)) continue;
    if (std::string title = section->title(folder); !title.empty()) return title;
  }
  return name;
}

/** JSON that may stand between script tags: nothing in it ends the element or opens a comment. */
Html data_block(const Json& data) {
  std::string text;
  for (const char c : data.dump(-1, ' ', false, Json::error_handler_t::replace))
    text += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return html("<script type=\"application/json\" id=\"data\">{}</script>\n", Html(std::move(text)));
}

template <typename Holds>
bool any_section(Holds holds) {
  const auto& rows = sections().rows();
  return std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return holds(*row.make({})); });
}

bool has_results(const Path& folder) {
  return any_section([&](const Section& section) { return section.applies(folder); });
}

/** Whether its results are of the runs in it. */
bool sums_up(const Path& folder) {
  return any_section([&](const Section& section) { return section.sums_up() && section.applies(folder); });
}

/** The folders themselves; one that has no results of its own, or sums up, stands for the runs in it too. */
std::vector<Path> with_results(std::span<const Path> folders) {
  std::vector<Path> all;
  for (const Path& folder : folders) {
    const std::string shown = printable(folder.string());
    require(std::filesystem::is_directory(folder), "{}: no such folder; a run folder was wanted, as `convscope train --run DIR` makes one",
            shown);
    std::vector<Path> found;
    const bool own = has_results(folder);
    if (!own || sums_up(folder)) {
      for (const auto& inside : std::filesystem::directory_iterator(folder))
        if (inside.is_directory() && has_results(inside.path())) found.push_back(inside.path());
      std::sort(found.begin(), found.end());
    }
    if (own) found.insert(found.begin(), folder);
    require(!found.empty(),
            "{}: nothing to report in it; a run folder was wanted, with run.json, metrics.jsonl, evaluation.json or predictions/", shown);
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

std::vector<RunFolder> run_folders(std::span<const Path> folders) {
  const std::vector<std::string> names = names_of(folders);
  std::vector<RunFolder> runs;
  for (size_t i = 0; i < folders.size(); ++i) {
    runs.push_back({folders[i], names[i], title_of(folders[i], names[i]), run_colour(i), folders.size() == 1});
  }
  return runs;
}

}  // namespace

std::string colour_rules() {
  std::vector<std::pair<std::string, Colour>> all = {{"paper", kPaper}, {"ink", kInk}, {"muted", kMuted}, {"axis", kAxis}, {"grid", kGrid}};
  for (size_t i = 0; i < std::size(kRunColours); ++i) all.emplace_back(fmt::format("run-{}", i), kRunColours[i]);
  std::string light, rules;
  for (const auto& [name, c] : all) {
    light += fmt::format("--{}:{};", name, hex(c));
    rules += fmt::format(
        "svg [fill=\"{0}\"]{{fill:var(--{1})}}svg [stroke=\"{0}\"]{{stroke:var(--{1})}}[data-colour=\"{0}\"]{{--own:var(--{1})}}\n", hex(c),
        name);
  }
  return fmt::format(":root{{{}}}\n{}", light, rules);
}

ReportPage report_page(std::span<const Path> folders, const Path& place) {
  require(!folders.empty(), "a report of no folders: there is nothing to show");
  std::vector<RunFolder> runs = run_folders(with_results(folders));
  for (RunFolder& run : runs) run.page = place.empty() ? folders.front() : place;
  const bool one = runs.size() == 1 || (folders.size() == 1 && sums_up(folders.front()));
  const std::string title = one ? runs.front().title : fmt::format("{} runs", runs.size());

  ReportPage page;
  Html links, bodies;
  std::string style, script;
  Json data = {{"version", version()}, {"sections", json_object()}};
  for (const auto& row : sections().rows()) {
    const auto section = row.make({});
    std::vector<RunFolder> fitting;
    for (const RunFolder& run : runs)
      if (section->applies(run.path)) fitting.push_back(run);
    if (fitting.size() < section->fewest()) continue;
    SectionContent content = section->render(fitting);
    links += html("<a href=\"#{}\">{}</a>\n", row.name, section->heading());
    bodies += html("<section id=\"{}\">\n{}</section>\n", row.name, folded(html("<h2>{}</h2>", section->heading()), content.body, true));
    data["sections"][row.name] = std::move(content.data);
    style += section->style();
    if (!section->script().empty()) script += fmt::format("{{{}}}\n", section->script());
    page.sections.push_back(row.name);
  }

  Html names;
  for (const RunFolder& run : runs) names += html("<span>{}</span>\n", run.name);
  page.html =
      html(
          "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
          "script-src 'unsafe-inline'\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{0}</title>\n<style>\n{1}{2}{9}</style>\n</head>\n<body>\n"
          "<header>\n<h1>{0}</h1>\n<p class=\"names\">{3}</p>\n<nav>{4}</nav>\n</header>\n<main>\n{5}</main>\n"
          "<footer>made by convscope {6} from the run folder's files</footer>\n{7}<script>\n{8}{10}}})();\n</script>\n</body>\n</html>\n",
          title, Html(colour_rules()), Html(std::string(kPageStyle)), names, links, bodies, version(), data_block(data),
          Html(std::string(kPageScript)), Html(std::move(style)), Html(std::move(script)))
          .markup();
  return page;
}

void write_report(const Path& folder) { write_file(folder / kReportFile, report_page(std::span(&folder, 1)).html); }

}  // namespace convscope

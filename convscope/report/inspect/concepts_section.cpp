#include "convscope/report/inspect/concepts_section.h"

#include <algorithm>
#include <cmath>

#include "convscope/report/page/fold.h"
#include "convscope/report/page/tiles.h"
#include "convscope/results/concepts_record.h"
#include "convscope/results/craft_record.h"
#include "convscope/results/inspection.h"

namespace convscope {

namespace {

constexpr size_t kConceptsShown = 8;  // of each look; the others are folded

constexpr std::string_view kConceptsStyle = R"css(
.concept { padding: 1rem 0 1.25rem; border-top: 1px solid var(--line); break-inside: avoid; }
.concept > p { margin: 0 0 .6rem; display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
.concept .parts { display: grid; grid-template-columns: repeat(auto-fill, 4.5rem); gap: .3rem; margin-bottom: .6rem; }
.concept .maps { grid-template-columns: repeat(auto-fill, 6.5rem); }
.concept ul { margin: .3rem 0 0; padding-left: 1.1rem; font-size: .85rem; font-variant-numeric: tabular-nums; }
.concept li.no { color: var(--muted); }
)css";

/** The tiles of a montage, or nothing where it is gone. */
Html tiles_of(const Path& file, int64_t count, int64_t columns, std::string_view kind, std::string_view said) {
  if (count == 0 || !std::filesystem::is_regular_file(file)) return {};
  const TileSheet sheet(read_image(file), (count + columns - 1) / columns, columns);
  Html all;
  for (int64_t n = 0; n < count; ++n) all += sheet.tile(n, fmt::format("{}, {}", said, n));
  return html("<div class=\"parts {}\" {}>{}</div>\n", kind, sheet.style(), all);
}

constexpr int64_t kTilesOfConcept = 10;

Html shown_concept(const ConceptsRecord& record, const ConceptRecord& one, const Path& folder) {
  Html classes;
  for (const ConceptScore& score : one.classes)
    classes += html("<li{}><b>{}</b>: {}</li>\n", score.significant ? Html() : Html(" class=\"no\""), score.name, score_text(score));
  const Html tiles = one.tiles.empty() ? Html()
                                       : tiles_of(folder / one.tiles, std::min(one.pictures, kTilesOfConcept), record.columns, "",
                                                  fmt::format("picture of {}", one.name));
  return html(
      "<div class=\"concept\"><p><b>{}</b><small>{} pictures; {:.0f} % of them and of random ones are told "
      "apart</small></p>\n{}<ul>\n{}</ul></div>\n",
      one.name, one.pictures, 100 * one.separable, tiles, classes);
}

Html shown_given(const Path& folder) {
  const ConceptsRecord record = read_record<ConceptsRecord>(inspection_file(folder, ConceptsRecord::kKind));
  std::vector<Html> concepts;
  for (const ConceptRecord& one : record.concepts) concepts.push_back(shown_concept(record, one, folder));
  return html(
      "<h4>{}: {}</h4>\n<p class=\"about\">Each concept is a direction from random pictures to its own, {} times against {} images of "
      "{}; a class's score is the share of its images whose logit grows along it.</p>\n{}",
      record.node, record.about, record.sets, record.drawn, record.data.text(), first_pieces(concepts, kConceptsShown, "concepts"));
}

Html shown_found(const Path& folder) {
  const CraftRecord record = read_record<CraftRecord>(inspection_file(folder, CraftRecord::kKind));
  std::vector<Html> concepts;
  for (size_t k = 0; k < record.concepts.size(); ++k) {
    const CraftConcept& one = record.concepts[k];
    const std::string said = fmt::format("concept {}", k);
    const Html crops = one.tiles.empty() ? Html() : tiles_of(folder / one.tiles, std::ssize(one.crops), record.columns, "", said);
    const Html maps = one.maps.empty() ? Html() : tiles_of(folder / one.maps, std::ssize(record.explained), record.columns, "maps", said);
    concepts.push_back(html("<div class=\"concept\"><p><b>{}</b><small>importance {:.3f} ± {:.3f}</small></p>\n{}{}</div>\n", said,
                            one.importance, one.deviation, crops, maps));
  }
  return html(
      "<h4>{}: {}</h4>\n<p class=\"about\">What the network sees in {} images that it takes for “{}”, found in {} crops of {} pixels "
      "(CRAFT): the crops that have most of it, and where it is in images. Importance: the total Sobol index of the class's logit. The "
      "concepts leave out {:.0f} % of what the node gives for the crops, and {:.0f} % of the logit is lost with them alone.</p>\n{}",
      record.node, record.about, record.images, record.of_class, record.crops, record.crop, 100 * record.error, 100 * record.lost,
      first_pieces(concepts, kConceptsShown, "concepts"));
}

}  // namespace

bool ConceptsSection::applies(const Path& folder) const {
  return !inspections(folder, ConceptsRecord::kKind).empty() || !inspections(folder, CraftRecord::kKind).empty();
}

SectionContent ConceptsSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  for (const RunFolder& run : runs) {
    Html body;
    for (const Path& folder : inspections(run.path, ConceptsRecord::kKind)) body += shown_given(folder);
    for (const Path& folder : inspections(run.path, CraftRecord::kKind)) body += shown_found(folder);
    content.body += part_of_run(run, body);
  }
  return content;
}

std::string ConceptsSection::title(const Path& folder) const {
  for (const std::string_view kind : {ConceptsRecord::kKind, CraftRecord::kKind})
    if (const std::vector<Path> looks = inspections(folder, kind); !looks.empty())
      return network_on_data(read_result(inspection_file(looks.front(), kind)));
  return "";
}

std::string_view ConceptsSection::style() const { return kConceptsStyle; }

}  // namespace convscope

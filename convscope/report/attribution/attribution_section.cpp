#include "convscope/report/attribution/attribution_section.h"

#include <algorithm>
#include <map>

#include "convscope/report/attribution/attribution_sheet.h"
#include "convscope/report/attribution/quality_table.h"
#include "convscope/report/draw/montage.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/attribution_record.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr size_t kExplainedShown = 4;  // images of a run; the others are folded

struct Method {
  Path folder;
  AttributionRecord record;
};

/** An image with its maps: which method, which of its maps. */
struct Explained {
  std::string key;
  std::vector<std::pair<const Method*, const AttributionMap*>> maps;
};

std::vector<Explained> by_image(const std::vector<Method>& methods) {
  std::vector<Explained> all;
  std::map<std::string, size_t> places;
  for (const Method& method : methods)
    for (const AttributionMap& map : method.record.maps) {
      const std::string key = map.source.empty() ? fmt::format("{}#{}", method.record.data.text(), map.image) : map.source;
      const auto [place, fresh] = places.emplace(key, all.size());
      if (fresh) all.push_back({key, {}});
      all[place->second].maps.emplace_back(&method, &map);
    }
  return all;
}

std::string address(const Method& method, const std::string& file) {
  const Path path = method.folder / file;
  return file.empty() || !std::filesystem::exists(path) ? "" : data_address(shrunk(read_image(path), kLongestSide));
}

/** The method, and the target where somebody said one: maps of the same image are told apart by it. */
std::string asked_of(const Method& method, const AttributionMap& map) {
  const bool said = !map.target.empty() && map.target != "predicted" && map.target != "none" && map.target != "all";
  return method.record.method + (said ? ", target " + map.target : "");
}

/** How its maps did where they were checked: "insertion 0.62, noise 0.41", over all images; nothing where they were not. */
std::string score_of(const AttributionRecord& record) {
  if (!record.quality) return "";
  for (const MapQuality& q : *record.quality)
    if (q.metric == "insertion") return fmt::format("insertion {}, noise {}", quality_number(q.value), quality_number(q.controls.random));
  return "";
}

Html explained_figure(const Method& method, const AttributionMap& map) {
  return html(
      "<figure class=\"map\"><div "
      "class=\"layers\">{}</div><figcaption><b>{}</b><span>{}</span><small>{}</small><small>{}</small><small>{}</small><small "
      "class=\"score\">{}</small></figcaption></figure>\n",
      picture(fmt::format("{} of image {}", method.record.method, map.image), address(method, map.png), "over"), asked_of(method, map),
      said_of_map(method.record, map), scale_text(method.record, map), completeness_text(map), fit_text(map), score_of(method.record));
}

/** What is to be known of each method's maps; one from before a record told it has none. */
Html legends_of(const std::vector<Method>& methods) {
  Html all;
  for (const Method& m : methods) all += html("<dt>{}</dt><dd>{}</dd>", m.record.method, about_maps(m.record));
  return html("<dl class=\"legends\">{}</dl>\n", all);
}

constexpr std::string_view kAttributionStyle = R"css(
.explained { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .75rem 1rem; padding: 1rem 0; border-bottom: 1px solid var(--line);
  break-inside: avoid; }
@media (max-width: 40rem) { .explained { grid-template-columns: repeat(auto-fill, minmax(5.8rem, 1fr)); } }
.map .layers { border-radius: .3rem; overflow: hidden; background: var(--input) 0 0 / 100% 100% no-repeat; image-rendering: pixelated; }
.map img { width: 100%; image-rendering: pixelated; display: block; }
.map .over { opacity: var(--strength, 1); }
.map figcaption { display: flex; flex-direction: column; font-size: .84rem; line-height: 1.4; padding-top: .35rem; min-width: 0; }
.map figcaption b { font-weight: 600; overflow-wrap: anywhere; }
.map figcaption span { color: var(--muted); }
.map figcaption small { font-size: .75rem; font-variant-numeric: tabular-nums; }
.map small:empty { display: none; }
.legends { font-size: .84rem; line-height: 1.4; display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .2rem 1rem; margin: 1rem 0; }
.legends dt { font-weight: 600; overflow-wrap: anywhere; max-width: 20rem; }
.legends dd { margin: 0; color: var(--muted); }
@media (max-width: 40rem) { .legends { grid-template-columns: 1fr; } }
.quality th small, .quality td small { display: block; font-weight: 400; font-size: .75rem; color: var(--muted); }
.quality tbody th { max-width: 11rem; overflow-wrap: anywhere; }
.quality .chance { color: var(--ink); max-width: 9rem; margin-left: auto; white-space: normal; }
)css";

constexpr std::string_view kAttributionScript = R"js(
// Attribution: one slider lays all maps over their images.
for (const tools of document.querySelectorAll("#attribution .overlay")) {
  tools.hidden = false;
  const set = () => tools.closest("section").style.setProperty("--strength", tools.elements.strength.value / 100);
  tools.addEventListener("input", set);
  tools.addEventListener("submit", e => e.preventDefault());
  set();
}
)js";

}  // namespace

bool AttributionSection::applies(const Path& folder) const { return !records_in(folder / kAttributions, kAttributionFile).empty(); }

SectionContent AttributionSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["runs"] = json_list();
  content.body += html(
      "<form class=\"tools overlay\" hidden><label>maps over images <input type=\"range\" name=\"strength\" min=\"0\" max=\"100\" "
      "value=\"100\" aria-label=\"strength of the maps over the images\"></label></form>\n");
  for (const RunFolder& run : runs) {
    std::vector<Method> methods;
    for (const Path& file : records_in(run.path / kAttributions, kAttributionFile))
      methods.push_back({file.parent_path(), read_record<AttributionRecord>(file)});
    std::vector<Html> images;
    Json records = json_list();
    std::vector<AttributionRecord> all;
    for (const Method& m : methods) {
      records.push_back(fields_to_json(m.record));
      all.push_back(m.record);
    }
    content.data["runs"].push_back(std::move(records));
    for (const Explained& image : by_image(methods)) {
      const auto& [first, map] = image.maps.front();
      const std::string input = address(*first, map->input);
      Html maps;
      for (const auto& [method, one] : image.maps) maps += explained_figure(*method, *one);
      images.push_back(
          html("<div class=\"explained\" style=\"--input:url({})\"><figure class=\"map\"><div class=\"layers\">{}</div>"
               "<figcaption><b>{}</b><small>#{}</small></figcaption></figure>\n{}</div>\n",
               input, picture(fmt::format("image {}", map->image), input), map->label.empty() ? std::string("image") : map->label,
               map->image, maps));
    }
    content.body +=
        part_of_run(run, html("{}{}{}", first_pieces(images, kExplainedShown, "images"), legends_of(methods), quality_tables(all)));
  }
  content.body += html("<p class=\"about\">Each map has its own scale unless its numbers say otherwise.</p>\n");
  return content;
}

std::string AttributionSection::title(const Path& folder) const {
  return network_on_data(read_result(records_in(folder / kAttributions, kAttributionFile).front()));
}

std::string_view AttributionSection::style() const { return kAttributionStyle; }
std::string_view AttributionSection::script() const { return kAttributionScript; }

}  // namespace convscope

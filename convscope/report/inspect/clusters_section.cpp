#include "convscope/report/inspect/clusters_section.h"

#include <algorithm>
#include <cmath>

#include "convscope/report/draw/class_colour.h"
#include "convscope/report/inspect/cluster_figures.h"
#include "convscope/report/page/fold.h"
#include "convscope/report/page/tiles.h"
#include "convscope/results/clusters_summary.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/resize.h"

namespace convscope {

namespace {

constexpr int64_t kRowsOnPage = 2;    // of a cluster's nearest images
constexpr size_t kMostPoints = 4000;  // of a map on the page

constexpr std::string_view kClustersStyle = R"css(
.heaps { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 1rem 1.25rem; margin-top: 1.25rem; }
.heap { background: var(--surface); border-radius: .5rem; padding: .7rem .8rem .8rem; min-width: 0; break-inside: avoid; }
.heap p { margin: 0 0 .45rem; display: flex; justify-content: space-between; gap: .75rem; font-variant-numeric: tabular-nums; }
.heap small { display: block; line-height: 1.35; margin-top: .4rem; }
.heap .drawn { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); gap: .2rem; }
.heap .mix { display: flex; height: .5rem; border-radius: .25rem; overflow: hidden; margin-top: .5rem; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.heap .mix i { flex: var(--n) 0 0; background: var(--c); }
.map-of-images { max-width: 54rem; }
.map-of-images .others path[stroke] { opacity: .12; }
.map-of-images .own { pointer-events: none; }
)css";

// A cluster's images on the map, while its card is under the mouse or has the focus.
constexpr std::string_view kClustersScript = R"js(
for (const part of document.querySelectorAll("#clusters [data-map]")) {
  const svg = part.querySelector("svg"), map = data.clusters.maps[part.dataset.map];
  let own = null;
  const clear = () => { own?.remove(); own = null; svg.classList.remove("others"); };
  const tell = e => {
    const card = e.target.closest(".heap");
    clear();
    if (!card) return;
    svg.classList.add("others");
    own = drawn(svg, "g", { class: "own" });
    map.cluster.forEach((cluster, i) => {
      if (String(cluster) === card.dataset.cluster)
        drawn(own, "circle", { cx: map.x[i], cy: map.y[i], r: 3.5, fill: map.colours[map.label[i]] });
    });
  };
  const cards = part.querySelector(".heaps");
  cards.addEventListener("pointerover", tell);
  cards.addEventListener("focusin", tell);
  cards.addEventListener("pointerleave", clear);
  cards.addEventListener("focusout", clear);
}
)js";

Html cluster_card(const ClustersRecord& record, size_t index, const Path& folder) {
  const ClusterRecord& cluster = record.clusters[index];
  const Path file = folder / cluster.tiles;
  Html pictures = html("<span class=\"nothing\">no picture</span>");
  if (!cluster.tiles.empty() && std::filesystem::exists(file) && !cluster.nearest.empty()) {
    const int64_t count = std::ssize(cluster.nearest) + std::ssize(cluster.farthest), rows = (count + record.columns - 1) / record.columns;
    const int64_t shown = std::min(std::ssize(cluster.nearest), kRowsOnPage * record.columns);
    const Image all = read_image(file);
    const int64_t rows_shown = (shown + record.columns - 1) / record.columns;
    const TileSheet sheet(crop(all, {0, 0, all.rows / rows * rows_shown, all.columns}), rows_shown, record.columns);
    Html tiles;
    for (int64_t n = 0; n < shown; ++n) tiles += sheet.tile(n, fmt::format("#{}", cluster.nearest[static_cast<size_t>(n)]));
    pictures = html("<div class=\"drawn\" {}>{}</div>", sheet.style(), tiles);
  }
  Html bar;
  for (size_t c = 0; c < cluster.histogram.size(); ++c)
    if (cluster.histogram[c] > 0)
      bar += html("<i title=\"{} {}\" style=\"--n:{};--c:{}\"></i>", cluster.histogram[c], record.classes[c], cluster.histogram[c],
                  hex(class_colour(static_cast<int64_t>(c))));
  return html(
      "<li class=\"heap\" data-cluster=\"{0}\" tabindex=\"0\"><p><b>{1} image{2}</b><span>{3:.0f} %</span></p>{4}<div "
      "class=\"mix\">{5}</div>"
      "<small>{6}</small></li>\n",
      index, cluster.size, cluster.size == 1 ? "" : "s", 100 * cluster.purity, pictures, bar, classes_text(cluster, record.classes, 3));
}

/** Evenly chosen ones, where there are too many to be told apart. */
ClusterPoints thinned(const ClusterPoints& all) {
  const size_t step = (all.image.size() + kMostPoints - 1) / kMostPoints;
  if (step <= 1) return all;
  ClusterPoints some;
  for (size_t i = 0; i < all.image.size(); i += step) {
    some.image.push_back(all.image[i]);
    some.label.push_back(all.label[i]);
    some.cluster.push_back(all.cluster[i]);
    some.x.push_back(all.x[i]);
    some.y.push_back(all.y[i]);
  }
  return some;
}

Json map_data(const ClustersRecord& record, const ClusterPoints& points) {
  Json x = json_list(), y = json_list(), colours = json_list();
  for (const Point& p : cluster_places(points)) {
    x.push_back(std::round(p.x * 10) / 10);
    y.push_back(std::round(p.y * 10) / 10);
  }
  for (size_t c = 0; c < record.classes.size(); ++c) colours.push_back(hex(class_colour(static_cast<int64_t>(c))));
  return {{"x", std::move(x)}, {"y", std::move(y)}, {"label", points.label}, {"cluster", points.cluster}, {"colours", std::move(colours)}};
}

}  // namespace

bool ClustersSection::applies(const Path& folder) const { return !inspections(folder, ClustersRecord::kKind).empty(); }

SectionContent ClustersSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["maps"] = json_list();
  for (const RunFolder& run : runs) {
    Html body;
    for (const Path& folder : inspections(run.path, ClustersRecord::kKind)) {
      const Path file = inspection_file(folder, ClustersRecord::kKind), places = folder / kPointsFile;
      const ClustersRecord record = read_record<ClustersRecord>(file);
      const ClusterPoints points = thinned(points_from_json(read_result(places), record, printable(places.string())));
      Html cards;
      for (size_t i = 0; i < record.clusters.size(); ++i) cards += cluster_card(record, i, folder);
      body += html(
          "<h4>{}: {}</h4>\n<p class=\"about\">{} clusters of {} images of {}, by {} features each{}; {}</p>\n"
          "<div data-map=\"{}\">\n<figure class=\"map-of-images\">{}</figure>\n<ul class=\"heaps\">\n{}</ul></div>\n",
          record.node, record.about, record.clusters.size(), record.images, record.data.text(), record.numbers,
          record.standardised ? ", standardised" : "", purity_text(record), content.data["maps"].size(),
          html_of(cluster_map(record, points)), cards);
      content.data["maps"].push_back(map_data(record, points));
    }
    content.body += part_of_run(run, body);
  }
  content.body += html(
      "<p class=\"about\">Each cluster with the images nearest to its centre, the share of its commonest class, and its classes as a bar. "
      "Purity: the share of all images that are of their cluster's commonest class; by chance: the same with the labels shuffled.</p>\n");
  return content;
}

std::string ClustersSection::title(const Path& folder) const {
  const Path look = inspections(folder, ClustersRecord::kKind).front();
  return network_on_data(read_result(inspection_file(look, ClustersRecord::kKind)));
}

std::string_view ClustersSection::style() const { return kClustersStyle; }
std::string_view ClustersSection::script() const { return kClustersScript; }

}  // namespace convscope

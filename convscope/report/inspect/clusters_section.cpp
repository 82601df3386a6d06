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
#clusters .near { display: grid; grid-template-columns: repeat(auto-fill, 4.5rem); gap: .4rem; margin: .5rem 0 1rem; }
#clusters .near figure { margin: 0; }
#clusters .near figure:first-child { outline: 2px solid currentColor; outline-offset: -2px; border-radius: .2rem; }
#clusters .near figcaption { font-size: .7rem; color: var(--muted); white-space: nowrap; }
)css";

// A cluster's images on the map, while its card is under the mouse or has the focus.
constexpr std::string_view kClustersScript = R"js(
for (const part of document.querySelectorAll("#clusters [data-map]")) {
  const map = data.clusters.maps[part.dataset.map];
  const drawings = [...part.querySelectorAll(".map-of-images > svg")].map((svg, i) => [svg, i ? map.tsne : map]);
  let own = [];
  const clear = () => { own.forEach(g => g.remove()); own = []; drawings.forEach(([svg]) => svg.classList.remove("others")); };
  const tell = e => {
    const card = e.target.closest(".heap");
    clear();
    if (!card) return;
    for (const [svg, at] of drawings) {
      svg.classList.add("others");
      const g = drawn(svg, "g", { class: "own" });
      own.push(g);
      map.cluster.forEach((cluster, i) => {
        if (String(cluster) === card.dataset.cluster)
          drawn(g, "circle", { cx: at.x[i], cy: at.y[i], r: 3.5, fill: map.colours[map.label[i]] });
      });
    }
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
    if (all.tsne_x.empty()) continue;
    some.tsne_x.push_back(all.tsne_x[i]);
    some.tsne_y.push_back(all.tsne_y[i]);
  }
  return some;
}

/** Where the figure has each point, to a tenth of its units. */
Json places_of(const ClusterPoints& points) {
  Json x = json_list(), y = json_list();
  for (const Point& p : cluster_places(points)) {
    x.push_back(std::round(p.x * 10) / 10);
    y.push_back(std::round(p.y * 10) / 10);
  }
  return {{"x", std::move(x)}, {"y", std::move(y)}};
}

Json map_data(const ClustersRecord& record, const ClusterPoints& points) {
  Json map = places_of(points), colours = json_list();
  for (size_t c = 0; c < record.classes.size(); ++c) colours.push_back(hex(class_colour(static_cast<int64_t>(c))));
  if (const auto tsne = on_tsne_map(points)) map["tsne"] = places_of(*tsne);
  map["label"] = points.label;
  map["cluster"] = points.cluster;
  map["colours"] = std::move(colours);
  return map;
}

/** Images that were asked about, each with those nearest to it. */
Html shown_near(const ClustersRecord& record, const Path& folder) {
  Html all;
  for (const NearRecord& near : record.near) {
    const Path file = folder / near.tiles;
    if (near.tiles.empty() || !std::filesystem::exists(file) || near.nearest.empty()) continue;
    const int64_t count = std::ssize(near.nearest) + 1;
    const TileSheet sheet(read_image(file), 1, count);
    Html tiles = html("<figure>{}<figcaption>#{}</figcaption></figure>\n", sheet.tile(0, fmt::format("#{}", near.image)), near.image);
    for (int64_t n = 1; n < count; ++n) {
      const NearImage& one = near.nearest[static_cast<size_t>(n - 1)];
      tiles += html("<figure>{}<figcaption>#{}: {:.3g}</figcaption></figure>\n", sheet.tile(n, fmt::format("#{}", one.image)), one.image,
                    one.apart);
    }
    all += html("<div class=\"near\" {}>{}</div>\n", sheet.style(), tiles);
  }
  if (all.empty()) return {};
  return html("<p class=\"about\">Images that were asked about, and the nearest to each with the distance of their answers:</p>\n{}", all);
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
      const auto neighbours = on_tsne_map(points);
      const Html tsne =
          neighbours ? html("<figure class=\"map-of-images\">{}</figure>\n", html_of(cluster_map(record, *neighbours, tsne_text(record))))
                     : Html();
      body += html(
          "<h4>{}: {}</h4>\n<p class=\"about\">{} clusters of {} images of {}, by {} features each{}; {}</p>\n"
          "<div data-map=\"{}\">\n<figure class=\"map-of-images\">{}</figure>\n{}{}<ul class=\"heaps\">\n{}</ul></div>\n",
          record.node, record.about, record.clusters.size(), record.images, record.data.text(), record.numbers,
          record.standardised ? ", standardised" : "", purity_text(record), content.data["maps"].size(),
          html_of(cluster_map(record, points)), tsne, shown_near(record, folder), cards);
      content.data["maps"].push_back(map_data(record, points));
    }
    content.body += part_of_run(run, body);
  }
  content.body += html(
      "<p class=\"about\">Each cluster with the images nearest to its centre, the share of its commonest class, and its classes as a bar. "
      "Purity: the share of all images that are of their cluster's commonest class; by chance: the same with the labels shuffled. On a "
      "t-SNE map "
      "neighbours stay neighbours; how far heaps lie apart on it and how large they are means nothing.</p>\n");
  return content;
}

std::string ClustersSection::title(const Path& folder) const {
  const Path look = inspections(folder, ClustersRecord::kKind).front();
  return network_on_data(read_result(inspection_file(look, ClustersRecord::kKind)));
}

std::string_view ClustersSection::style() const { return kClustersStyle; }
std::string_view ClustersSection::script() const { return kClustersScript; }

}  // namespace convscope

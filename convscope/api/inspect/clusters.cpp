#include "convscope/inspect/clusters/clusters.h"

#include <algorithm>

#include "convscope/api/inspect/looks.h"
#include "convscope/api/provenance.h"
#include "convscope/base/text.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/report/draw/montage.h"
#include "convscope/report/inspect/cluster_figures.h"
#include "convscope/results/clusters_summary.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr size_t kNearest = 25, kFarthest = 5;
constexpr int64_t kNearTo = 12;  // of an image that is asked about
constexpr int64_t kColumns = 5;
constexpr int64_t kTileSide = 64;  // of the images in montages
constexpr int64_t kMostBytes = int64_t{4} << 30;

/** [N, F] of a node's answers. */
Tensor representations(Subject& subject, const Pictures& pictures, const std::string& node) {
  const int64_t count = pictures.size(), numbers = subject.shape(node).size();
  // Finding the map takes a second matrix of that size.
  const int64_t bytes = 2 * count * numbers * static_cast<int64_t>(sizeof(float));
  require(bytes <= kMostBytes, "clusters: {} images of {} numbers each take {}, {} is the most; fewer images (`limit`) or a smaller `node`",
          count, numbers, bytes_text(bytes), bytes_text(kMostBytes));
  Tensor points({count, numbers});
  subject.stream(
      node, count, [&](int64_t first, std::span<float> x) { pictures.fill(first, x); },
      [&](int64_t first, int64_t some, const Tensor& y) { std::copy_n(y.data(), some * numbers, points.data() + first * numbers); });
  require(all_finite(points.span()), "clusters: node '{}' gives numbers that are not finite; was the training one that diverged?", node);
  return points;
}

std::vector<int64_t> numbers_of(std::span<const int64_t> members, const Pictures& pictures) {
  std::vector<int64_t> numbers;
  for (const int64_t n : members) numbers.push_back(pictures.numbers()[static_cast<size_t>(n)]);
  return numbers;
}

ClusterRecord told(const Cluster& cluster, const Pictures& pictures) {
  const std::span<const int64_t> members(cluster.members);
  const size_t near = std::min(kNearest, members.size()), far = std::min(kFarthest, members.size() - near);
  ClusterRecord one;
  one.size = std::ssize(members);
  one.purity = cluster.purity;
  one.histogram = cluster.histogram;
  one.nearest = numbers_of(members.first(near), pictures);
  one.farthest = numbers_of(members.last(far), pictures);
  return one;
}

ClusterPoints points_of(const Clusters& found, const Pictures& pictures, std::span<const int64_t> labels) {
  ClusterPoints points;
  points.image = pictures.numbers();
  points.label.assign(labels.begin(), labels.end());
  points.cluster.resize(labels.size());
  for (size_t n = 0; n < labels.size(); ++n) {
    points.x.push_back(found.map[static_cast<int64_t>(2 * n)]);
    points.y.push_back(found.map[static_cast<int64_t>(2 * n + 1)]);
    if (found.neighbour_map.map.size() == 0) continue;
    points.tsne_x.push_back(found.neighbour_map.map[static_cast<int64_t>(2 * n)]);
    points.tsne_y.push_back(found.neighbour_map.map[static_cast<int64_t>(2 * n + 1)]);
  }
  for (size_t i = 0; i < found.clusters.size(); ++i)
    for (const int64_t n : found.clusters[i].members) points.cluster[static_cast<size_t>(n)] = static_cast<int64_t>(i);
  return points;
}

std::string csv_of(const ClusterPoints& points, std::span<const std::string> classes) {
  const bool tsne = !points.tsne_x.empty();
  std::string csv = fmt::format("image,label,cluster,x,y{}\n", tsne ? ",tsne_x,tsne_y" : "");
  for (size_t n = 0; n < points.image.size(); ++n) {
    csv += fmt::format("{},{},{},{},{}", points.image[n], csv_cell(class_name(classes, points.label[n])), points.cluster[n], points.x[n],
                       points.y[n]);
    csv += tsne ? fmt::format(",{},{}\n", points.tsne_x[n], points.tsne_y[n]) : std::string("\n");
  }
  return csv;
}

/** A montage of each cluster's images; its file's name comes into the record. */
std::vector<Image> write_montages(const Path& folder, ClustersRecord& record, const Pictures& pictures) {
  std::vector<Image> sheets;
  for (size_t i = 0; i < record.clusters.size(); ++i) {
    ClusterRecord& cluster = record.clusters[i];
    std::vector<Image> tiles;
    for (const std::vector<int64_t>* list : {&cluster.nearest, &cluster.farthest})
      for (const int64_t image : *list) tiles.push_back(shrunk(pictures.visible(pictures.place_of(image)), kTileSide));
    sheets.push_back(tiles.empty() ? Image() : montage(tiles, kColumns));
    if (tiles.empty()) continue;
    cluster.tiles = fmt::format("cluster-{:03}.png", i);
    write_png(folder / cluster.tiles, sheets.back());
  }
  return sheets;
}

/** A row of pictures for each image that was asked about: itself, and those near it. */
void write_near(const Path& folder, ClustersRecord& record, const Pictures& pictures) {
  for (NearRecord& near : record.near) {
    std::vector<Image> tiles{shrunk(pictures.visible(pictures.place_of(near.image)), kTileSide)};
    for (const NearImage& one : near.nearest) tiles.push_back(shrunk(pictures.visible(pictures.place_of(one.image)), kTileSide));
    near.tiles = fmt::format("near-{}.png", near.image);
    write_png(folder / near.tiles, montage(tiles, std::ssize(tiles)));
  }
}

void write_clusters(const Path& folder, ClustersRecord& record, const ClusterPoints& points, const Pictures& pictures) {
  clear_place(folder, ClustersRecord::kKind);
  const std::vector<Image> sheets = write_montages(folder, record, pictures);
  const std::vector<Stand> stands = cluster_stands(points);
  std::vector<Image> standing;
  for (const Stand& stand : stands) standing.push_back(shrunk(pictures.visible(static_cast<int64_t>(stand.point)), kTileSide));
  write_figure(folder, "sheet", cluster_sheet(record, sheets));
  write_figure(folder, "map", cluster_map(record, points));
  write_figure(folder, "map-of-pictures", cluster_picture_map(record, points, stands, standing));
  if (const auto neighbours = on_tsne_map(points)) {
    const std::vector<Stand> places = cluster_stands(*neighbours);
    std::vector<Image> there;
    for (const Stand& stand : places) there.push_back(shrunk(pictures.visible(static_cast<int64_t>(stand.point)), kTileSide));
    write_figure(folder, "tsne", cluster_map(record, *neighbours, tsne_text(record)));
    write_figure(folder, "tsne-of-pictures", cluster_picture_map(record, *neighbours, places, there, tsne_text(record)));
  }
  write_near(folder, record, pictures);
  write_file(folder / "points.csv", csv_of(points, record.classes));
  write_file(folder / kPointsFile, fields_to_json(points).dump() + "\n");
  write_record(folder, ClustersRecord::kKind, fields_to_json(record));
}

/** The perplexity of the map by neighbours, 0 where there is to be none. */
double perplexity_of(const InspectOptions& options, int64_t images, const Setting& setting) {
  constexpr int64_t kMostExact = 5000;
  require_use(options.perplexity == 0 || (options.perplexity >= 1 && options.perplexity <= 1e6),
              "`perplexity` {}: at least 1 was wanted, or 0 for no t-SNE map", options.perplexity);
  if (options.perplexity == 0) return 0;
  if (images > kMostExact) {
    setting.tell(
        fmt::format("clusters: no t-SNE map of {} images: it compares all with all, {} are the most (`limit`)", images, kMostExact));
    return 0;
  }
  const double most = static_cast<double>(images - 1) / 3;
  if (options.perplexity > most)
    setting.tell(
        fmt::format("clusters: t-SNE of perplexity {:.3g} instead of {:.3g}: there are {} images", most, options.perplexity, images));
  return options.perplexity;
}

/** Places of the images that somebody asks about. */
std::vector<int64_t> places_near(const std::string& said, const Pictures& pictures) {
  std::vector<int64_t> places;
  if (said.empty() || pictures.size() == 0) return places;
  for (const int64_t number : parse_numbers(said, pictures.numbers().back() + 1, "`near`")) {
    const int64_t place = pictures.place_of(number);
    require(place < pictures.size() && pictures.numbers()[static_cast<size_t>(place)] == number,
            "`near` {}: that image is not among the {} that are looked at", number, pictures.size());
    places.push_back(place);
  }
  return places;
}

}  // namespace

Inspected<ClustersRecord> inspect_clusters(const Network& network, const Pictures& some, const InspectOptions& options, const Path& out,
                                           const Setting& setting) {
  check_pictures(network, some, Classes::any);
  const Graph& graph = network.graph;
  const std::string node = options.node.empty() ? answer_of_convolution(graph, Which::last) : require_layer(graph, options.node);
  const Pictures pictures = some.distinct();
  require(options.clusters >= 1 && options.clusters <= pictures.size(), "`clusters` {} of {} images: there can be 1 to {}",
          options.clusters, pictures.size(), pictures.size());
  const std::vector<int64_t> labels = known_labels(pictures, "clusters");
  const std::vector<int64_t> near = places_near(options.near, pictures);
  NetworkSubject subject = subject_of(network, setting, options.batch);

  ClustersRecord record;
  record.came_from(provenance_of(network, pictures, fields_to_json(options), setting));
  const Path folder =
      out.empty()
          ? Path()
          : place_of_look(out, ClustersRecord::kKind,
                          name_of_look(ClustersRecord::kKind, node, options)
                              .with("clusters", options.clusters == InspectOptions().clusters ? "" : std::to_string(options.clusters))
                              .with("", options.standardise ? "standardised" : "")
                              .with("near", options.near),
                          record, setting);
  record.node = node;
  record.about = where_in_network(graph, node);
  record.images = pictures.size();
  record.numbers = subject.shape(node).size();
  record.standardised = options.standardise;
  record.columns = kColumns;
  record.classes = pictures.classes();
  const Clusters found = find_clusters(
      representations(subject, pictures, node), labels, std::ssize(record.classes),
      {.k_means = {.clusters = options.clusters, .restarts = options.restarts, .iterations = options.iterations, .seed = setting.seed},
       .standardise = options.standardise,
       .perplexity = perplexity_of(options, pictures.size(), setting),
       .near = near,
       .neighbours = kNearTo,
       .progress = setting.progress});
  if (const int64_t heaps = std::ssize(found.clusters); heaps < options.clusters)
    setting.tell(fmt::format("only {} of {} images have answers of their own at '{}': {} clusters instead of {}", heaps, pictures.size(),
                             node, heaps, options.clusters));
  record.purity = found.purity;
  record.chance = found.chance;
  for (const Cluster& cluster : found.clusters) record.clusters.push_back(told(cluster, pictures));
  if (const NeighbourMap& map = found.neighbour_map; map.map.size() > 0) {
    record.perplexity = map.perplexity;
    record.divergence = map.divergence;
    record.neighbours = map.neighbours;
    record.trustworthiness = map.trustworthiness;
    record.trustworthiness_pca = map.of_variance;
  }
  for (size_t i = 0; i < near.size(); ++i) {
    NearRecord one;
    one.image = pictures.numbers()[static_cast<size_t>(near[i])];
    for (const Neighbour& other : found.near[i]) one.nearest.push_back({pictures.numbers()[static_cast<size_t>(other.point)], other.apart});
    record.near.push_back(std::move(one));
  }
  if (folder.empty()) return {std::move(record), {}};
  write_clusters(folder, record, points_of(found, pictures, labels), pictures);
  return {std::move(record), folder};
}

}  // namespace convscope

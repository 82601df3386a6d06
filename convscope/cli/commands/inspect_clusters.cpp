#include <algorithm>

#include "convscope/cli/commands/inspect_kinds.h"
#include "convscope/cli/output.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/inspect/activations/stream.h"
#include "convscope/inspect/clusters/clusters.h"
#include "convscope/report/cluster_figures.h"
#include "convscope/report/montage.h"
#include "convscope/results/clusters_record.h"

namespace convscope {

namespace {

constexpr size_t kNearest = 25, kFarthest = 5;
constexpr int64_t kColumns = 5;
constexpr int64_t kTileSide = 64;  // of the images in montages
constexpr int64_t kMostBytes = int64_t{4} << 30;

/** [N, F] of a node's answers. */
Tensor representations(Subject& subject, const LookedAt& images, const std::string& node) {
  const int64_t count = std::ssize(images.indices), numbers = subject.shape(node).size();
  // Finding the map takes a second matrix of that size.
  const int64_t bytes = 2 * count * numbers * static_cast<int64_t>(sizeof(float));
  require(bytes <= kMostBytes, "clusters: {} images of {} numbers each take {}, {} is the most; fewer images (--limit) or a smaller --node",
          count, numbers, bytes_text(bytes), bytes_text(kMostBytes));
  Tensor points({count, numbers});
  int64_t at = 0;
  stream(subject, *images.data, images.indices, node, [&](std::span<const int64_t> some, const Tensor& y) {
    std::copy_n(y.data(), std::ssize(some) * numbers, points.data() + at * numbers);
    at += std::ssize(some);
  });
  require(all_finite(points.span()), "clusters: node '{}' gives numbers that are not finite; was the training one that diverged?", node);
  return points;
}

std::vector<int64_t> numbers_of(std::span<const int64_t> members, const LookedAt& images) {
  std::vector<int64_t> numbers;
  for (const int64_t n : members) numbers.push_back(images.indices[static_cast<size_t>(n)]);
  return numbers;
}

std::string shown(const ClustersRecord& record) {
  TextTable table({"cluster", "images", "purity", "classes"}, {0, 1, 2});
  for (size_t i = 0; i < record.clusters.size(); ++i) {
    const ClusterRecord& cluster = record.clusters[i];
    table.row({std::to_string(i), std::to_string(cluster.size), percent(cluster.purity), classes_text(cluster, record.classes, 3)});
  }
  return fmt::format("{}: {}; {} images of {}, {} numbers each\n{}{}\n", record.node, record.about, record.images, record.data,
                     record.numbers, table.text(), purity_text(record));
}

}  // namespace

Inspected inspect_clusters(const Inspection& look) {
  const Graph& graph = look.network.graph;
  const InspectOptions& options = look.options;
  const std::string node = options.node.empty() ? answer_of_convolution(graph, Which::last) : require_layer(graph, options.node);
  const LookedAt images = images_of(look);
  require(options.clusters >= 1 && options.clusters <= std::ssize(images.indices), "--clusters {} of {} images: there can be 1 to {}",
          options.clusters, images.indices.size(), images.indices.size());
  NetworkSubject subject = subject_of(look);
  std::vector<int64_t> labels;
  for (const int64_t i : images.indices) labels.push_back(images.data->label(i));

  ClustersRecord record;
  record.network = look.network.name;
  record.data = images.name;
  record.node = node;
  record.about = where_in_network(graph, node);
  record.images = std::ssize(images.indices);
  record.numbers = subject.shape(node).size();
  record.standardised = options.standardise;
  record.columns = kColumns;
  record.classes = images.data->classes();
  const Clusters found_ones = find_clusters(representations(subject, images, node), labels, std::ssize(record.classes),
                                            {.k_means = {.clusters = options.clusters,
                                                         .restarts = options.restarts,
                                                         .iterations = options.iterations,
                                                         .seed = static_cast<uint64_t>(look.common.seed)},
                                             .standardise = options.standardise});
  record.purity = found_ones.purity;
  record.chance = found_ones.chance;

  const Path folder = inspection_folder(look.out, ClustersRecord::kKind, node);
  make_folder(folder);
  ClusterPoints points;
  points.image = images.indices;
  points.label = labels;
  points.cluster.resize(labels.size());
  for (size_t n = 0; n < labels.size(); ++n) {
    points.x.push_back(found_ones.map[static_cast<int64_t>(2 * n)]);
    points.y.push_back(found_ones.map[static_cast<int64_t>(2 * n + 1)]);
  }
  std::vector<Image> sheets;
  for (size_t i = 0; i < found_ones.clusters.size(); ++i) {
    const Cluster& cluster = found_ones.clusters[i];
    for (const int64_t n : cluster.members) points.cluster[static_cast<size_t>(n)] = static_cast<int64_t>(i);
    const std::span<const int64_t> members(cluster.members);
    const size_t near = std::min(kNearest, members.size()), far = std::min(kFarthest, members.size() - near);
    ClusterRecord one;
    one.size = std::ssize(members);
    one.purity = cluster.purity;
    one.histogram = cluster.histogram;
    one.nearest = numbers_of(members.first(near), images);
    one.farthest = numbers_of(members.last(far), images);
    std::vector<Image> tiles;
    for (const std::vector<int64_t>* list : {&one.nearest, &one.farthest})
      for (const int64_t image : *list) tiles.push_back(shrunk(visible(*images.data, image), kTileSide));
    if (tiles.empty()) {
      sheets.emplace_back();
    } else {
      one.tiles = fmt::format("cluster-{:03}.png", i);
      sheets.push_back(montage(tiles, kColumns));
      write_png(folder / one.tiles, sheets.back());
    }
    record.clusters.push_back(std::move(one));
  }
  const std::vector<Stand> stands = cluster_stands(points);
  std::vector<Image> standing;
  for (const Stand& stand : stands)
    standing.push_back(shrunk(visible(*images.data, images.indices[static_cast<size_t>(stand.point)]), kTileSide));
  write_figure(folder, "sheet", cluster_sheet(record, sheets));
  write_figure(folder, "map", cluster_map(record, points));
  write_figure(folder, "map-of-pictures", cluster_picture_map(record, points, stands, standing));
  std::string csv = "image,label,cluster,x,y\n";
  for (size_t n = 0; n < points.image.size(); ++n)
    csv += fmt::format("{},{},{},{},{}\n", points.image[n], csv_cell(record.classes[static_cast<size_t>(points.label[n])]),
                       points.cluster[n], points.x[n], points.y[n]);
  write_file(folder / "points.csv", csv);
  write_file(folder / kPointsFile, fields_to_json(points).dump() + "\n");
  Inspected found{fields_to_json(record), shown(record), folder};
  write_record(folder, ClustersRecord::kKind, found.json);
  return found;
}

}  // namespace convscope

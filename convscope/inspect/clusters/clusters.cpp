#include "convscope/inspect/clusters/clusters.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/base/random.h"
#include "convscope/tensor/t_sne.h"

namespace convscope {

namespace {

void standardise_columns(Tensor& x) {
  const int64_t points = x.shape()[0], width = x.shape()[1];
  for (int64_t d = 0; d < width; ++d) {
    double sum = 0, squares = 0;
    for (int64_t n = 0; n < points; ++n) {
      sum += x[n * width + d];
      squares += static_cast<double>(x[n * width + d]) * x[n * width + d];
    }
    const double mean = sum / static_cast<double>(points);
    const double deviation = std::sqrt(std::max(0.0, squares / static_cast<double>(points) - mean * mean));
    for (int64_t n = 0; n < points; ++n)
      x[n * width + d] = deviation > 0 ? static_cast<float>((x[n * width + d] - mean) / deviation) : 0.0f;
  }
}

/** How many points are of their cluster's commonest class. */
int64_t in_majority(const std::vector<int64_t>& cluster, std::span<const int64_t> labels, int64_t clusters, int64_t classes) {
  std::vector<int64_t> counts(static_cast<size_t>(clusters * classes));
  for (size_t n = 0; n < cluster.size(); ++n) ++counts[static_cast<size_t>(cluster[n] * classes + labels[n])];
  int64_t total = 0;
  for (int64_t k = 0; k < clusters; ++k) total += *std::max_element(counts.begin() + k * classes, counts.begin() + (k + 1) * classes);
  return total;
}

double chance_of(const std::vector<int64_t>& cluster, std::span<const int64_t> labels, int64_t clusters, int64_t classes, uint64_t seed) {
  constexpr uint64_t kShuffles = 20;
  const RandomStream random(seed, "clusters/chance");
  int64_t total = 0;
  std::vector<int64_t> shuffled(labels.size());
  for (uint64_t s = 0; s < kShuffles; ++s) {
    const std::vector<int64_t> order = permutation(static_cast<int64_t>(labels.size()), random, s);
    for (size_t n = 0; n < shuffled.size(); ++n) shuffled[n] = labels[static_cast<size_t>(order[n])];
    total += in_majority(cluster, shuffled, clusters, classes);
  }
  return static_cast<double>(total) / static_cast<double>(kShuffles * labels.size());
}

/** The nearest of a point by the distance of their representations; the first of several that are as near. */
std::vector<Neighbour> near_to(const Tensor& points, int64_t point, int64_t count) {
  std::vector<Neighbour> all;
  for (int64_t n = 0; n < points.shape()[0]; ++n) {
    if (n == point) continue;
    double squares = 0;
    const std::span<const float> a = points.row(point), b = points.row(n);
    for (size_t d = 0; d < a.size(); ++d) squares += (static_cast<double>(a[d]) - b[d]) * (static_cast<double>(a[d]) - b[d]);
    all.push_back({n, std::sqrt(squares)});
  }
  std::stable_sort(all.begin(), all.end(), [](const Neighbour& a, const Neighbour& b) { return a.apart < b.apart; });
  all.resize(std::min(all.size(), static_cast<size_t>(count)));
  return all;
}

NeighbourMap map_by_neighbours(const Tensor& points, const Tensor& of_variance, const ClusterOptions& options) {
  constexpr int64_t kTrusted = 12;
  const int64_t count = points.shape()[0];
  NeighbourMap made;
  made.perplexity = std::min(options.perplexity, static_cast<double>(count - 1) / 3);
  Tsne tsne = t_sne(points, {.perplexity = made.perplexity, .progress = options.progress});
  made.map = std::move(tsne.map);
  made.divergence = tsne.divergence;
  made.neighbours = std::min(kTrusted, (count - 1) / 2);
  const Tensor apart = squared_distances(points);
  made.trustworthiness = trustworthiness(apart, made.map, made.neighbours);
  made.of_variance = trustworthiness(apart, of_variance, made.neighbours);
  return made;
}

}  // namespace

Clusters find_clusters(Tensor points, std::span<const int64_t> labels, int64_t classes, const ClusterOptions& options) {
  require(points.shape().rank() == 2 && static_cast<int64_t>(labels.size()) == points.shape()[0],
          "clusters: {} labels for representations {}", labels.size(), points.shape());
  if (options.standardise) standardise_columns(points);
  KMeansOptions asked = options.k_means;
  const int64_t count = asked.clusters = std::min(asked.clusters, std::max<int64_t>(1, distinct_points(points, asked.clusters)));
  const KMeans means = k_means(points, asked);

  std::vector<double> apart(labels.size());
  for (size_t n = 0; n < apart.size(); ++n) {
    const std::span<const float> x = points.row(static_cast<int64_t>(n)), centre = means.centres.row(means.cluster[n]);
    for (size_t d = 0; d < x.size(); ++d) apart[n] += (static_cast<double>(x[d]) - centre[d]) * (static_cast<double>(x[d]) - centre[d]);
  }
  Clusters found;
  found.clusters.resize(static_cast<size_t>(count));
  for (size_t n = 0; n < labels.size(); ++n)
    found.clusters[static_cast<size_t>(means.cluster[n])].members.push_back(static_cast<int64_t>(n));
  for (Cluster& c : found.clusters) {
    std::stable_sort(c.members.begin(), c.members.end(),
                     [&](int64_t a, int64_t b) { return apart[static_cast<size_t>(a)] < apart[static_cast<size_t>(b)]; });
    c.histogram.resize(static_cast<size_t>(classes));
    for (const int64_t n : c.members) ++c.histogram[static_cast<size_t>(labels[static_cast<size_t>(n)])];
    if (!c.members.empty())
      c.purity = static_cast<double>(*std::max_element(c.histogram.begin(), c.histogram.end())) / static_cast<double>(c.members.size());
  }
  std::stable_sort(found.clusters.begin(), found.clusters.end(),
                   [](const Cluster& a, const Cluster& b) { return a.members.size() > b.members.size(); });
  found.purity = static_cast<double>(in_majority(means.cluster, labels, count, classes)) / static_cast<double>(labels.size());
  found.chance = chance_of(means.cluster, labels, count, classes, options.k_means.seed);
  if (points.shape()[0] >= 2 && points.shape()[1] >= 2) {
    found.map = principal_components(points, 2);
  } else {
    found.map = Tensor({points.shape()[0], 2});
  }
  constexpr int64_t kFewest = 8;  // points that a map by neighbours says something of
  if (options.perplexity > 0 && points.shape()[0] >= kFewest) found.neighbour_map = map_by_neighbours(points, found.map, options);
  for (const int64_t point : options.near) found.near.push_back(near_to(points, point, options.neighbours));
  return found;
}

}  // namespace convscope

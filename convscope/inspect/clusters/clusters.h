#pragma once

#include <vector>

#include "convscope/tensor/k_means.h"

namespace convscope {

/** One heap of a layer's representations. */
struct Cluster {
  std::vector<int64_t> members;    // indices of points, nearest to the centre first
  std::vector<int64_t> histogram;  // [Y] members of each class
  double purity = 0;               // share of its commonest class
};

struct Clusters {
  std::vector<Cluster> clusters;  // largest first
  Tensor map;                     // [N, 2] on the two directions of largest variance
  double purity = 0;              // share of points that are of their cluster's commonest class
  /** What `purity` would be had the classes nothing to do with the clusters: its mean over shuffles of the labels. */
  double chance = 0;
};

struct ClusterOptions {
  KMeansOptions k_means = {};
  bool standardise = false;  // each number of the representation to mean 0 and deviation 1 first
};

/** `points` [N, D], `labels` [N] in 0 … classes − 1. */
Clusters find_clusters(Tensor points, std::span<const int64_t> labels, int64_t classes, const ClusterOptions& options);

}  // namespace convscope

#pragma once

#include <functional>
#include <vector>

#include "convscope/tensor/k_means.h"

namespace convscope {

/** One heap of a layer's representations. */
struct Cluster {
  std::vector<int64_t> members;    // indices of points, nearest to the centre first
  std::vector<int64_t> histogram;  // [Y] members of each class
  double purity = 0;               // share of its commonest class
};

/** A point that lies near another. */
struct Neighbour {
  int64_t point = 0;
  double apart = 0;  // distance of their representations
};

/** A map by neighbours, and how far it and the one of largest variance can be trusted. */
struct NeighbourMap {
  Tensor map;  // [N, 2]; empty where none was asked for
  double perplexity = 0;
  double divergence = 0;
  int64_t neighbours = 0;  // by which trustworthiness is told
  double trustworthiness = 0;
  double of_variance = 0;  // trustworthiness of the other map
};

struct Clusters {
  std::vector<Cluster> clusters;  // largest first
  Tensor map;                     // [N, 2] on the two directions of largest variance
  NeighbourMap neighbour_map;
  std::vector<std::vector<Neighbour>> near;  // of each point that was asked for, nearest first, without itself
  double purity = 0;                         // share of points that are of their cluster's commonest class
  /** What `purity` would be had the classes nothing to do with the clusters: its mean over shuffles of the labels. */
  double chance = 0;
};

struct ClusterOptions {
  KMeansOptions k_means = {};
  bool standardise = false;        // each number of the representation to mean 0 and deviation 1 first
  double perplexity = 0;           // of the map by neighbours (tensor/t_sne.h), at most a third of the points; 0: no such map
  std::vector<int64_t> near = {};  // points whose neighbours are wanted
  int64_t neighbours = 10;         // of each of them
  std::function<void(int64_t done, int64_t total)> progress = {};  // steps of the map by neighbours
};

/** `points` [N, D], `labels` [N] in 0 … classes − 1. */
Clusters find_clusters(Tensor points, std::span<const int64_t> labels, int64_t classes, const ClusterOptions& options);

}  // namespace convscope

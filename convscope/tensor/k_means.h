#pragma once

#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

struct KMeansOptions {
  int64_t clusters = 40;
  int64_t restarts = 10;
  int64_t iterations = 300;
  uint64_t seed = 1;
};

struct KMeans {
  std::vector<int64_t> cluster;  // [N] of each point
  Tensor centres;                // [K, D]
  double inertia = 0;            // Σ |x − centre|²
};

/**
 * Lloyd's algorithm from k-means++ centres (Arthur and Vassilvitskii 2007), the best of several starts; x is [N, D]. A cluster that loses
 * all its points takes the one farthest from its centre. The same seed, the same clusters, whatever the threads.
 */
KMeans k_means(const Tensor& x, const KMeansOptions& options);

/** How many of the points [N, D] differ by more than rounding, counted to `most`. */
int64_t distinct_points(const Tensor& x, int64_t most);

/**
 * x [N, D] on its `count` directions of largest variance, [N, count]; by subspace iteration (Halko, Martinsson and Tropp 2011, algorithm
 * 4.4), which costs a few passes over x where a decomposition would cost a cube. Signs: the largest entry of a direction is positive.
 */
Tensor principal_components(const Tensor& x, int64_t count, int64_t iterations = 60);

}  // namespace convscope

#pragma once

#include <functional>

#include "convscope/tensor/tensor.h"

namespace convscope {

struct TsneOptions {
  /** How many neighbours a point has, so to speak: 2 to the entropy of whom it takes for one. Below (N − 1) / 3 it says something. */
  double perplexity = 30;
  int64_t iterations = 1000;
  std::function<void(int64_t done, int64_t total)> progress = {};
};

struct Tsne {
  Tensor map;             // [N, 2]
  double divergence = 0;  // Kullback and Leibler's, of neighbours on the map from those among the points
};

/**
 * A map on which points that are neighbours stay neighbours: t-SNE, van der Maaten and Hinton 2008, exact, that is over all pairs of points
 * x [N, D]. It begins with the two directions of largest variance; for a quarter of the steps neighbours draw 12 times as much; rate
 * max(50, N / 48), momentum 0.5 and then 0.8, gains, as scikit-learn has them. Time and memory go with N². Distances on it, and sizes of
 * heaps, mean nothing. The same map whatever the threads.
 */
Tsne t_sne(const Tensor& x, const TsneOptions& options);

/** Squared distances of all points x [N, D], [N, N]. */
Tensor squared_distances(const Tensor& x);

/**
 * How far a map y [N, 2] can be trusted: 1 where the k nearest of each point on it are its k nearest among x [N, D] too, less by how far
 * they are from being so; Venna and Kaski 2001. `apart` are the squared distances of x. An error where 2 k is not below N.
 */
double trustworthiness(const Tensor& apart, const Tensor& y, int64_t k);

}  // namespace convscope

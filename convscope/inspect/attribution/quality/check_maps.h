#pragma once

#include "convscope/inspect/attribution/quality/map_metric.h"

namespace convscope {

/** The networks that maps are checked with. */
struct CheckedNetworks {
  Subject& own;
  Subject& random;                               // of the same kind, its weights drawn at random
  Subject& redrawn;                              // a copy, whose last layers are drawn anew
  int64_t stages = 0;                            // in so many states, in which these are ever more
  std::function<void(int64_t stage)> set_state;  // 1 … stages
};

/**
 * All of `map_metrics()` of a method and of three controls: noise, a Gaussian in the middle, and the method on the random network.
 * `maps` are the method's for x; `progress` counts images, once for each measure of each maker.
 */
std::vector<MapQuality> check_maps(const Attribution& method, const CheckedNetworks& networks, const Tensor& x, const Question& question,
                                   const Tensor& maps, const QualityOptions& options,
                                   const std::function<void(int64_t done, int64_t total)>& progress = {});

}  // namespace convscope

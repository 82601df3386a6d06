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

/** A measure of a maker's maps: [N], with the curve it is the mean of, [S][N] or none, and what it took. */
struct MeasuredOnce {
  std::vector<double> numbers;
  std::vector<std::vector<double>> curve;
  int64_t passes = 0;
  double seconds = 0;
};
/** Has `work` done for each of 0 … count−1, by whoever, and where all is put together `take` told of each, in any order. */
using ShareOut = std::function<void(int64_t count, const std::function<std::vector<MeasuredOnce>(int64_t)>& work,
                                    const std::function<void(int64_t, std::vector<MeasuredOnce>)>& take)>;
/** By the caller alone. */
void do_alone(int64_t count, const std::function<std::vector<MeasuredOnce>(int64_t)>& work,
              const std::function<void(int64_t, std::vector<MeasuredOnce>)>& take);

/**
 * All of `map_metrics()` of a method and of three controls: noise, a Gaussian in the middle, and the method on the random network.
 * `maps` are the method's for x; `progress` counts images, once for each measure of each maker. Who shares the work out gets nothing where
 * `take` is not told.
 */
std::vector<MapQuality> check_maps(const Attribution& method, const CheckedNetworks& networks, const Tensor& x, const Question& question,
                                   const Tensor& maps, const QualityOptions& options,
                                   const std::function<void(int64_t done, int64_t total)>& progress = {}, const ShareOut& share = do_alone);

}  // namespace convscope

#pragma once

#include <memory>

#include "convscope/engine/weights.h"

namespace convscope {

/**
 * A running average of a network's weights while it is trained; Polyak and Juditsky 1992, with a memory that grows as in TensorFlow's
 * moving averages, so that the first weights are soon forgotten. Batch norm's running statistics are averaged along.
 *
 *   a ← a + (1 − dₜ) (w − a)            dₜ = min(decay, (1 + t) / (10 + t)), t = 1 at the first update
 *
 * The average lies in a store of its own, arranged like the trained one: programs are compiled for either.
 */
class WeightAverage {
 public:
  /** Starts at these weights, which must have their final arrangement. */
  WeightAverage(const Graph& network, const Weights& weights, double decay);
  /** Goes on from an average that was saved. */
  void set(const std::map<std::string, Tensor>& tensors);

  void update(const Weights& weights, int64_t step);

  const std::shared_ptr<Weights>& weights() const { return average_; }

 private:
  double decay_;
  int64_t floats_ = 0;
  std::shared_ptr<Weights> average_;
};

}  // namespace convscope

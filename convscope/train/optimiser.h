#pragma once

#include <span>
#include <vector>

#include "convscope/base/table.h"

namespace convscope {

/** One update of all trained parameters: ranges of equal length, as they lie in the weight store (padding is zero and stays zero). */
struct Update {
  std::span<float> parameters;
  std::span<const float> gradients;
  std::vector<std::span<float>> moments;  // `Optimiser::moments()` ranges that it keeps from step to step; zero before the first
  double rate = 0;                        // the schedule's learning rate
  int64_t step = 1;                       // counts from 1
};

/** How gradients change parameters. Elementwise, so the layout of the parameters does not matter. */
class Optimiser {
 public:
  virtual ~Optimiser() = default;
  virtual int moments() const = 0;
  virtual void update(const Update& u) const = 0;
};

/** The family: sgd, adam. */
const Table<Optimiser>& optimisers();

}  // namespace convscope

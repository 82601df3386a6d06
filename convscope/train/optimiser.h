#pragma once

#include <span>
#include <vector>

#include "convscope/base/table.h"
#include "convscope/engine/weights.h"

namespace convscope {

/** Parameters begin at multiples of so many numbers in the store: a block belongs to one of them. */
inline constexpr int64_t kDecayBlock = 16;

/** One update of all trained parameters: ranges of equal length, as they lie in the weight store (padding is zero and stays zero). */
struct Update {
  std::span<float> parameters;
  std::span<const float> gradients;
  std::vector<std::span<float>> moments;  // `Optimiser::moments()` ranges that it keeps from step to step; zero before the first
  double rate = 0;                        // the schedule's learning rate
  int64_t step = 1;                       // counts from 1
  /** For every `kDecayBlock` numbers 1 where weight decay touches them, 0 where not; empty: it touches all. */
  std::span<const float> decayed = {};
  /** What lies where in the ranges: for rules that look at whole parameters. */
  std::span<const Weights::Entry> entries = {};
};

/** As the kernels take them; null: decay touches all. */
inline const float* decay_factors(const Update& u) { return u.decayed.empty() ? nullptr : u.decayed.data(); }

/** How gradients change parameters. Most are elementwise, so that the layout of the parameters does not matter; the others read `entries`.
 */
class Optimiser {
 public:
  virtual ~Optimiser() = default;
  virtual int moments() const = 0;
  virtual void update(const Update& u) const = 0;
};

/** The family: sgd, adam, adamw, rmsprop, muon. */
const Table<Optimiser>& optimisers();

}  // namespace convscope

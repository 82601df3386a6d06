#pragma once

#include <vector>

#include "convscope/spectral/aliasing.h"
#include "convscope/tensor/line_filter.h"

namespace convscope {

/**
 * Aliasing of a signal as one number: the share of the energy of what is left, after samples were dropped, that was not there below half of
 * the new rate,
 *
 *   A = Σ ‖S x − S L x‖² / Σ ‖S x‖²     over channels,
 *
 * S keeps every rate-th sample, L is the ideal low pass `flc` of tensor/line_filter.h, the plane taken as periodic. 0 where nothing folds;
 * of white noise 1 − 1 / rate², but for the lines at half of the new rate, which count as folding. S begins with the first sample: where a
 * network chooses which ones it keeps (`aps`), A is that of another choice.
 */
class FoldedEnergy {
 public:
  FoldedEnergy(int64_t rows, int64_t columns, Rate rate);

  /** Of x [C, rows, columns]; of a signal without energy 0; not known (NaN) of lines of more than kLongestLine numbers. */
  double of(std::span<const float> x) const;

 private:
  int64_t rows_, columns_;
  Rate rate_;
  LineMatrix down_;
  Tensor across_;  // [columns, kept columns]; empty where lines are too long
};

}  // namespace convscope

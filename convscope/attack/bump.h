#pragma once

#include <cstdint>
#include <vector>

#include "convscope/attack/ball.h"

namespace convscope {

/**
 * What Square adds in l2 and l1, on `side` × `side`, of length 1: two heaps of opposite signs one above the other, or side by side where it
 * is turned, each of length 1 before both are scaled; Andriushchenko et al. 2020, section 4.2. On each of the nested rectangles around its
 * centre a heap grows by 1 / (k + 1)², k from the centre out (l1: 1 / (k + 1)⁴, Croce and Hein 2021).
 */
class Bump {
 public:
  Bump(int64_t side, bool turned, Norm norm);

  double at(int64_t row, int64_t column) const {
    return values_[static_cast<size_t>(turned_ ? column * side_ + row : row * side_ + column)];
  }

 private:
  void add_heap(int64_t first, int64_t rows, double sign);
  void scale(int64_t first, int64_t rows);

  int64_t side_;
  bool turned_;
  Norm norm_;
  std::vector<double> values_;  // as it is not turned
};

}  // namespace convscope

#pragma once

#include <algorithm>
#include <cmath>

namespace convscope {

/** The weight c of a loss beside a length: bisected between what failed and what succeeded, ten times as large while nothing has; Carlini
 * and Wagner 2017, section VI. */
struct FactorSearch {
  double c, low = 0, high = HUGE_VAL;

  void next(bool reached) {
    (reached ? high : low) = reached ? std::min(high, c) : std::max(low, c);
    c = high < HUGE_VAL ? (low + high) / 2 : 10 * c;
  }
};

}  // namespace convscope

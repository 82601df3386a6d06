#include "convscope/attack/bump.h"

#include <algorithm>
#include <cmath>

namespace convscope {

Bump::Bump(int64_t side, bool turned, Norm norm) : side_(side), turned_(turned), norm_(norm), values_(static_cast<size_t>(side * side)) {
  add_heap(0, side / 2, 1);
  add_heap(side / 2, side - side / 2, -1);
  scale(0, side);
}

void Bump::add_heap(int64_t first, int64_t rows, double sign) {
  const int64_t top = rows / 2, left = side_ / 2;
  for (int64_t k = 0; k <= std::max(top, left); ++k) {
    const double height = sign / std::pow(static_cast<double>(k + 1), norm_ == Norm::l1 ? 4 : 2);
    for (int64_t i = std::max<int64_t>(0, top - k); i <= std::min(rows - 1, top + k); ++i)
      for (int64_t j = std::max<int64_t>(0, left - k); j <= std::min(side_ - 1, left + k); ++j)
        values_[static_cast<size_t>((first + i) * side_ + j)] += height;
  }
  scale(first, rows);
}

void Bump::scale(int64_t first, int64_t rows) {
  const auto begin = values_.begin() + first * side_, end = begin + rows * side_;
  double mass = 0;
  std::for_each(begin, end, [&](double v) { mass += norm_ == Norm::l1 ? std::abs(v) : v * v; });
  const double length = norm_ == Norm::l1 ? mass : std::sqrt(mass);
  if (length > 0) std::transform(begin, end, begin, [&](double v) { return v / length; });
}

}  // namespace convscope

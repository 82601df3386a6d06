#include "convscope/data/move.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <vector>

namespace convscope {

void mirror(const Shape& shape, std::span<float> pixels) {
  for (auto row = pixels.begin(); row != pixels.end(); row += shape[2]) std::reverse(row, row + shape[2]);
}

void move_reflected(const Shape& shape, int64_t row, int64_t column, std::span<float> pixels) {
  const int64_t rows = shape[1], columns = shape[2];
  assert(std::abs(row) < rows && std::abs(column) < columns);
  const auto reflected = [](int64_t i, int64_t extent) { return i < 0 ? -i : i < extent ? i : 2 * (extent - 1) - i; };
  const std::vector<float> x(pixels.begin(), pixels.end());
  for (int64_t plane = 0; plane < shape[0]; ++plane)
    for (int64_t i = 0; i < rows; ++i) {
      const float* from = x.data() + (plane * rows + reflected(i + row, rows)) * columns;
      float* to = pixels.data() + (plane * rows + i) * columns;
      for (int64_t j = 0; j < columns; ++j) to[j] = from[reflected(j + column, columns)];
    }
}

}  // namespace convscope

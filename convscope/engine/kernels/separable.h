#pragma once

#include <vector>

#include "convscope/engine/kernels/grid.h"

namespace convscope::kernels {

/** A matrix by its rows: numbers that are not 0, and where they stand. */
struct Taps {
  int64_t columns = 0;
  std::vector<int64_t> begins = {0};  // [rows + 1] of each row in the other two
  std::vector<int64_t> places;
  std::vector<float> weights;

  int64_t rows() const { return static_cast<int64_t>(begins.size()) - 1; }
};

/**
 * y = down x acrossᵀ plane by plane, in vectors of channels. `x` is the grid of planes of down.columns × across.columns points; y has the
 * same images, channels and blocks, and planes of down.rows() × across.rows(). Sums are fp32, in the order of the taps.
 */
void separable(const Grid& x_grid, const Taps& down, const Taps& across, const void* x, void* y);

}  // namespace convscope::kernels

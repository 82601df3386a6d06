#pragma once

#include "convscope/engine/kernels/grid.h"

namespace convscope::kernels {

/** A max pool whose windows lie side by side: as far apart as they are wide, no padding; the last ones may hang over the edge. */
struct MaxPool {
  Grid x;  // of height × width points
  int64_t height = 1, width = 1;
  int64_t kernel = 2;
  int64_t out_height = 1, out_width = 1;
};

/** y, of the same images, channels and blocks: the largest number of each window; a NaN counts as largest. */
void max_pool(const MaxPool& pool, const void* x, void* y);
/** dx: what dy is for a window goes to the first largest number in it, and 0 to all others. */
void max_pool_backward(const MaxPool& pool, const void* x, const void* dy, void* dx);

}  // namespace convscope::kernels

#pragma once

#include "convscope/engine/kernels/grid.h"

namespace convscope::kernels {

/** sum[c] = Σ over images and points of x, for each real channel; `partial`: `channel_sum_partials(grid)` numbers of scratch. */
void channel_sums(const Grid& grid, const void* x, float* sum, double* partial);
int64_t channel_sum_partials(const Grid& grid);

}  // namespace convscope::kernels

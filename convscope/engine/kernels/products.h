#pragma once

#include "convscope/engine/kernels/grid.h"

namespace convscope::kernels {

/** out = a · b. out may be a or b. */
void multiply(int64_t count, bool bf16, const void* a, const void* b, void* out);
/** y = x times a number for each image and channel, [images][channels]. y may be x. */
void multiply_by_channel(const Grid& grid, const void* x, const float* gates, void* y);

/** out = r / (z + epsilon sign z), sign 0 = 1, and 0 where r is 0. out may be r or z. */
void quotient(int64_t count, bool bf16, const void* r, const void* z, float epsilon, void* out);
/** sum[image] = factor · Σ s (bias + epsilon sign z). The bias is by channel, or as z lies, or there is none: both null. */
void absorbed(const Grid& grid, const void* s, const void* z, const float* bias, const void* bias_everywhere, float epsilon, double factor,
              float* sum);

}  // namespace convscope::kernels

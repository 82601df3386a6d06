#pragma once

#include "convscope/engine/kernels/grid.h"
#include "convscope/graph/ops/activation.h"

namespace convscope::kernels {

/** out = a + b. out may be a or b. */
void add(int64_t count, bool bf16, const void* a, const void* b, void* out);

/** out = f(x), number by number: where f(0) is not 0, what lies in padding is for the caller to clear. out may be x. */
void activation(const Activation& f, int64_t count, bool bf16, const void* x, void* out);
/** out = (a + b) · f'(x), told from y = f(x); b may be null. out may be a or b. */
void activation_backward(const Activation& f, int64_t count, bool bf16, const void* y, const void* a, const void* b, void* out);

/** y = x > 0 ? x : slope · x, a slope for each channel, or one for all with slope_step 0. y may be x. */
void prelu(const Grid& grid, const void* x, const float* slope, int64_t slope_step, void* y);
/** dx may be x or dy; `partial`: `prelu_partials(grid)` numbers of scratch. */
void prelu_backward(const Grid& grid, const void* x, const float* slope, int64_t slope_step, const void* dy, void* dx, float* dslope,
                    double* partial);
int64_t prelu_partials(const Grid& grid);

}  // namespace convscope::kernels

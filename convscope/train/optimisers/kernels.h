#pragma once

#include <cstdint>

/**
 * One pass over parameters, gradients and moments for each update rule, vectorised and split over the threads. A number's result
 * depends neither on its place nor on the threads. Coefficients are computed by the callers, in double.
 *
 * `decayed` holds a factor of the decay for each block of 16 numbers; null: 1 throughout.
 */
namespace convscope::kernels {

/** g += decay w; m = momentum m + scale g; w −= rate (nesterov ? momentum m + scale g : m). Without `m`: w −= rate g. */
struct SgdStep {
  float rate, scale, momentum, decay;
  bool nesterov;
};
void sgd_update(int64_t count, const SgdStep& step, const float* decayed, float* w, const float* g, float* m);

/** g += decay w; m = beta1 m + rest1 g; v = beta2 v + rest2 g²; w −= shrink w; w −= rate m / (root √v + eps). */
struct AdamStep {
  float rate, root, eps, beta1, rest1, beta2, rest2, decay, shrink;
};
void adam_update(int64_t count, const AdamStep& step, const float* decayed, float* w, const float* g, float* m, float* v);

/** g += decay w; v = rho v + rest g²; u = g / (inside ? √(v + eps) : √v + eps); m = momentum m + u; w −= rate m. Without `m`: w −= rate u.
 */
struct RmspropStep {
  float rate, rho, rest, eps, momentum, decay;
  bool inside;
};
void rmsprop_update(int64_t count, const RmspropStep& step, const float* decayed, float* w, const float* g, float* v, float* m);

/** a += share (w − a): where w is zero and a too (padding), it stays so; where they are equal, nothing changes. */
void average_update(int64_t count, float share, float* a, const float* w);

/** Each number into [−most, most]; a NaN stays one. */
void clamp(int64_t count, float most, float* g);
void scale(int64_t count, float factor, float* g);
/** Σ g², the same for any count of threads. */
double sum_of_squares(int64_t count, const float* g);

}  // namespace convscope::kernels

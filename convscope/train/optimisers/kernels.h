#pragma once

#include <cstdint>

/**
 * One pass over parameters, gradients and moments for each update rule, vectorised and split over the threads. A number's result
 * depends neither on its place nor on the threads. Coefficients are computed by the callers, in double.
 */
namespace convscope::kernels {

/** g += decay w; m = momentum m + g; w −= rate (nesterov ? momentum m + g : m). Without `m`: w −= rate g. */
struct SgdStep {
  float rate, momentum, decay;
  bool nesterov;
};
void sgd_update(int64_t count, const SgdStep& step, float* w, const float* g, float* m);

/** g += decay w; m = beta1 m + rest1 g; v = beta2 v + rest2 g²; w −= rate m / (root √v + eps). */
struct AdamStep {
  float rate, root, eps, beta1, rest1, beta2, rest2, decay;
};
void adam_update(int64_t count, const AdamStep& step, float* w, const float* g, float* m, float* v);

}  // namespace convscope::kernels

#include "convscope/engine/onednn/kernels.h"

// Compiled once for each of these processors and chosen when the program starts.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/onednn/kernels/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "convscope/engine/onednn/kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

template <typename T>
void relu_backward_typed(int64_t count, const T* y, const T* a, const T* b, T* out) {
  elementwise(count, out, [&](int64_t i, int64_t n) HWY_ATTR {
    V u = load_some(a + i, n);
    if (b) u = hn::Add(u, load_some(b + i, n));
    return y ? hn::IfThenElseZero(hn::Gt(load_some(y + i, n), hn::Zero(f)), u) : u;
  });
}

template <typename T>
void relu_typed(int64_t count, const T* x, T* out) {
  elementwise(count, out, [&](int64_t i, int64_t n) HWY_ATTR { return at_least(load_some(x + i, n), hn::Zero(f)); });
}

void ReluBackward(int64_t count, bool bf16, const void* y, const void* a, const void* b, void* out) {
  CONVSCOPE_TYPED(relu_backward_typed<T>(count, CONVSCOPE_C(y), CONVSCOPE_C(a), CONVSCOPE_C(b), CONVSCOPE_M(out)))
}
void Relu(int64_t count, bool bf16, const void* x, void* out) { CONVSCOPE_TYPED(relu_typed<T>(count, CONVSCOPE_C(x), CONVSCOPE_M(out))) }

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(ReluBackward);
HWY_EXPORT(Relu);

void relu_backward(int64_t count, bool bf16, const void* y, const void* a, const void* b, void* out) {
  HWY_DYNAMIC_DISPATCH(ReluBackward)(count, bf16, y, a, b, out);
}
void relu(int64_t count, bool bf16, const void* x, void* out) { HWY_DYNAMIC_DISPATCH(Relu)(count, bf16, x, out); }

}  // namespace convscope::kernels
#endif  // HWY_ONCE

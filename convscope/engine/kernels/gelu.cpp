#include "convscope/engine/kernels/gelu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/gelu.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include <hwy/contrib/math/math-inl.h>

#include "convscope/engine/kernels/grid-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

/** The polynomial with these coefficients, the highest power's first. */
template <size_t n>
HWY_INLINE V polynomial(V x, const float (&coefficients)[n]) {
  V y = hn::Set(f, coefficients[0]);
  for (size_t i = 1; i < n; ++i) y = hn::MulAdd(y, x, hn::Set(f, coefficients[i]));
  return y;
}

/**
 * The error function, within 1.5 units in the last place. Near 0 an odd polynomial; farther off 1 − exp of a polynomial in |x|, which is
 * fitted to ln erfc.
 */
HWY_INLINE V erf(V x) {
  static constexpr float kNear[] = {-5.96761703e-4f, 4.99119423e-3f, -2.67681349e-2f, 1.12819925e-1f, -3.76125336e-1f, 1.28379166e-1f};
  static constexpr float kFar[] = {-1.72853470e-5f, 3.83197126e-4f,  -3.88396438e-3f, 2.42546219e-2f,
                                   -1.06777877e-1f, -6.34846687e-1f, -1.28717512e-1f};
  constexpr float kBorder = 0.927734375f, kOne = 4;  // from where on it is 1
  const V size = hn::Abs(x), near = hn::MulAdd(polynomial(hn::Mul(x, x), kNear), x, x);
  const V t = hn::Min(size, hn::Set(f, kOne)), exponent = hn::MulSub(polynomial(t, kFar), t, t);
  const V far = hn::CopySign(hn::Sub(hn::Set(f, 1), hn::Exp(f, exponent)), x);
  return hn::IfThenElse(hn::Gt(size, hn::Set(f, kBorder)), far, near);  // near where it is NaN, and stays so
}

HWY_INLINE V normal_share(V x) {
  const V half = hn::Set(f, 0.5f);
  return hn::MulAdd(erf(hn::Mul(x, hn::Set(f, 0.70710678f))), half, half);
}

template <typename T>
void gelu_typed(int64_t count, const T* x, T* out) {
  elementwise(count, out, [=](int64_t i, int64_t n) HWY_ATTR {
    const V v = load_some(x + i, n);
    // Minus infinity times 0 is no number; the limit is 0.
    return hn::Mul(hn::Max(v, hn::Set(f, -1e30f)), normal_share(v));
  });
}

template <typename T>
void gelu_backward_typed(int64_t count, const T* x, const T* dy, T* out) {
  constexpr float kDensity = 0.39894228f;  // 1 / √(2π)
  elementwise(count, out, [=](int64_t i, int64_t n) HWY_ATTR {
    const V v = load_some(x + i, n), near = hn::Min(hn::Max(v, hn::Set(f, -20)), hn::Set(f, 20));  // beyond, the density is 0
    const V density = hn::Mul(hn::Set(f, kDensity), hn::Exp(f, hn::Mul(hn::Mul(near, near), hn::Set(f, -0.5f))));
    const V slope = hn::MulAdd(near, density, normal_share(v));
    return hn::IfThenElse(hn::IsNaN(v), v, hn::Mul(load_some(dy + i, n), slope));
  });
}

void Gelu(int64_t count, bool bf16, const void* x, void* out) { CONVSCOPE_TYPED(gelu_typed<T>(count, CONVSCOPE_C(x), CONVSCOPE_M(out))) }
void GeluBackward(int64_t count, bool bf16, const void* x, const void* dy, void* out) {
  CONVSCOPE_TYPED(gelu_backward_typed<T>(count, CONVSCOPE_C(x), CONVSCOPE_C(dy), CONVSCOPE_M(out)))
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(Gelu);
HWY_EXPORT(GeluBackward);

void gelu(int64_t count, bool bf16, const void* x, void* out) { HWY_DYNAMIC_DISPATCH(Gelu)(count, bf16, x, out); }
void gelu_backward(int64_t count, bool bf16, const void* x, const void* dy, void* out) {
  HWY_DYNAMIC_DISPATCH(GeluBackward)(count, bf16, x, dy, out);
}

}  // namespace convscope::kernels
#endif  // HWY_ONCE

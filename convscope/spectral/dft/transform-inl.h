// Transforms of as many signals as a vector has lanes, side by side. Read once for each kind of processor: Highway's toggle stands in for
// an include guard.
#if defined(CONVSCOPE_SPECTRAL_DFT_TRANSFORM) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_SPECTRAL_DFT_TRANSFORM
#undef CONVSCOPE_SPECTRAL_DFT_TRANSFORM
#else
#define CONVSCOPE_SPECTRAL_DFT_TRANSFORM
#endif

#include <algorithm>

#include "convscope/spectral/dft/plan.h"
#include "convscope/tensor/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::dft {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// What `convscope::dft` has under the same names, `lanes` among it, is for callers: these hide it.
using simd::HWY_NAMESPACE::F;
using simd::HWY_NAMESPACE::f;
using simd::HWY_NAMESPACE::lanes;
using simd::HWY_NAMESPACE::V;

// Loops of constant length over registers are unrolled whatever the level of optimisation: else the registers would be memory.

/** A complex number of each signal. */
struct C {
  V re, im;
};
HWY_INLINE C operator+(C a, C b) { return {hn::Add(a.re, b.re), hn::Add(a.im, b.im)}; }
HWY_INLINE C operator-(C a, C b) { return {hn::Sub(a.re, b.re), hn::Sub(a.im, b.im)}; }
/** a · (w[0] + i w[1]). */
HWY_INLINE C times(C a, const float* w) {
  const V re = hn::Set(f, w[0]), im = hn::Set(f, w[1]);
  return {hn::NegMulAdd(a.im, im, hn::Mul(a.re, re)), hn::MulAdd(a.im, re, hn::Mul(a.re, im))};
}
/** −i a. */
HWY_INLINE C minus_i(C a) { return {a.im, hn::Neg(a.re)}; }

HWY_INLINE C load(const float* p) { return {hn::Load(f, p), hn::Load(f, p + lanes())}; }
HWY_INLINE void store(C x, float* p) {
  hn::Store(x.re, f, p);
  hn::Store(x.im, f, p + lanes());
}

/** Numbers i at base + i · step; numbers are two vectors, re and im. */
struct From {
  const float* base;
  int64_t step = 2 * lanes();
  HWY_INLINE C operator()(int64_t i) const { return load(base + i * step); }
};
struct To {
  float* base;
  int64_t step = 2 * lanes();
  HWY_INLINE void operator()(int64_t i, C x) const { store(x, base + i * step); }
};
/** Two real signals as one complex one. */
struct FromPair {
  const float *re, *im;
  HWY_INLINE C operator()(int64_t i) const { return {hn::Load(f, re + i * lanes()), hn::Load(f, im + i * lanes())}; }
};
template <typename Inner>
struct Modulated {
  Inner inner;
  const float* factor;  // [n][re, im]
  HWY_INLINE C operator()(int64_t i) const { return times(inner(i), factor + 2 * i); }
};

template <int radix>
struct Butterfly;

template <>
struct Butterfly<2> {
  static HWY_INLINE void run(C* x) {
    const C a = x[0], b = x[1];
    x[0] = a + b;
    x[1] = a - b;
  }
};
template <>
struct Butterfly<4> {
  static HWY_INLINE void run(C* x) {
    const C a = x[0] + x[2], b = x[0] - x[2], c = x[1] + x[3], d = minus_i(x[1] - x[3]);
    x[0] = a + c;
    x[1] = b + d;
    x[2] = a - c;
    x[3] = b - d;
  }
};
template <>
struct Butterfly<8> {
  static HWY_INLINE void run(C* x) {
    C even[4] = {x[0], x[2], x[4], x[6]}, odd[4] = {x[1], x[3], x[5], x[7]};
    Butterfly<4>::run(even);
    Butterfly<4>::run(odd);
    const V h = hn::Set(f, 0.70710678118654752f);  // exp(−πi/4) = h (1 − i)
    odd[1] = {hn::Mul(h, hn::Add(odd[1].re, odd[1].im)), hn::Mul(h, hn::Sub(odd[1].im, odd[1].re))};
    odd[2] = minus_i(odd[2]);
    odd[3] = {hn::Mul(h, hn::Sub(odd[3].im, odd[3].re)), hn::Neg(hn::Mul(h, hn::Add(odd[3].re, odd[3].im)))};
#pragma GCC unroll 8
    for (int k = 0; k < 4; ++k) {
      x[k] = even[k] + odd[k];
      x[k + 4] = even[k] - odd[k];
    }
  }
};
/** X[k], X[p − k] = x[0] + Σ_j cos(2πjk/p) (x[j] + x[p − j]) ∓ i Σ_j sin(2πjk/p) (x[j] − x[p − j]), j up to (p − 1) / 2. */
template <int p>
struct OddButterfly {
  static constexpr int kHalf = (p - 1) / 2;
  static HWY_INLINE void run(C* x, const float* cosine, const float* sine) {
    C sum[kHalf], difference[kHalf];
    C total = x[0];
#pragma GCC unroll 8
    for (int j = 1; j <= kHalf; ++j) {
      sum[j - 1] = x[j] + x[p - j];
      difference[j - 1] = x[j] - x[p - j];
      total = total + sum[j - 1];
    }
#pragma GCC unroll 8
    for (int k = 1; k <= kHalf; ++k) {
      C a = x[0], b{hn::Zero(f), hn::Zero(f)};
#pragma GCC unroll 8
      for (int j = 1; j <= kHalf; ++j) {
        const V c = hn::Set(f, cosine[j * k % p]), s = hn::Set(f, sine[j * k % p]);
        a = {hn::MulAdd(c, sum[j - 1].re, a.re), hn::MulAdd(c, sum[j - 1].im, a.im)};
        b = {hn::MulAdd(s, difference[j - 1].re, b.re), hn::MulAdd(s, difference[j - 1].im, b.im)};
      }
      b = minus_i(b);
      x[k] = a + b;
      x[p - k] = a - b;
    }
    x[0] = total;
  }
};
template <>
struct Butterfly<3> {
  static HWY_INLINE void run(C* x) {
    constexpr float c[] = {1, -0.5f, -0.5f}, s[] = {0, 0.86602540378443865f, -0.86602540378443865f};
    OddButterfly<3>::run(x, c, s);
  }
};
template <>
struct Butterfly<5> {
  static HWY_INLINE void run(C* x) {
    constexpr float c[] = {1, 0.30901699437494742f, -0.80901699437494742f, -0.80901699437494742f, 0.30901699437494742f};
    constexpr float s[] = {0, 0.95105651629515357f, 0.58778525229247313f, -0.58778525229247313f, -0.95105651629515357f};
    OddButterfly<5>::run(x, c, s);
  }
};
template <>
struct Butterfly<7> {
  static HWY_INLINE void run(C* x) {
    constexpr float c[] = {1,
                           0.62348980185873353f,
                           -0.22252093395631440f,
                           -0.90096886790241913f,
                           -0.90096886790241913f,
                           -0.22252093395631440f,
                           0.62348980185873353f};
    constexpr float s[] = {0,
                           0.78183148246802981f,
                           0.97492791218182361f,
                           0.43388373911755812f,
                           -0.43388373911755812f,
                           -0.97492791218182361f,
                           -0.78183148246802981f};
    OddButterfly<7>::run(x, c, s);
  }
};

template <int radix, typename Load, typename Store>
HWY_INLINE void stage_of(const Plan::Stage& stage, const Load& from, const Store& to) {
  const int64_t groups = stage.groups, repeats = stage.repeats;
  const float* w = stage.twiddles.data();
  for (int64_t k = 0; k < groups; ++k, w += 2 * (radix - 1)) {
    for (int64_t q = 0; q < repeats; ++q) {
      C x[radix];
#pragma GCC unroll 8
      for (int i = 0; i < radix; ++i) x[i] = from(q + repeats * (k + i * groups));
      Butterfly<radix>::run(x);
      to(q + repeats * radix * k, x[0]);
#pragma GCC unroll 8
      for (int j = 1; j < radix; ++j) to(q + repeats * (radix * k + j), groups > 1 ? times(x[j], w + 2 * (j - 1)) : x[j]);
    }
  }
}

/** Any odd radix p, X[k] and X[p − k] as in `OddButterfly`; kRows of them at once, so that what is loaded is used often. */
template <typename Load, typename Store>
HWY_INLINE void prime_stage(const Plan::Stage& stage, const Load& from, const Store& to) {
  constexpr int kRows = Plan::kRows;
  const int64_t p = stage.radix, h = p / 2, size = 2 * lanes();
  HWY_ALIGN float sums[(Plan::kLargestRadix / 2) * 2 * 16], differences[(Plan::kLargestRadix / 2) * 2 * 16];
  for (int64_t g = 0; g < stage.groups; ++g) {
    const float* w = stage.twiddles.data() + g * 2 * (p - 1);
    for (int64_t q = 0; q < stage.repeats; ++q) {
      const auto put = [&](int64_t k, C x)
                           HWY_ATTR { to(q + stage.repeats * (p * g + k), stage.groups > 1 && k > 0 ? times(x, w + 2 * (k - 1)) : x); };
      const C first = from(q + stage.repeats * g);
      C total = first;
      for (int64_t j = 1; j <= h; ++j) {
        const C a = from(q + stage.repeats * (g + j * stage.groups)), b = from(q + stage.repeats * (g + (p - j) * stage.groups));
        total = total + a + b;
        store(a + b, sums + (j - 1) * size);
        store(a - b, differences + (j - 1) * size);
      }
      put(0, total);
      const float* m = stage.matrix.data();
      for (int64_t k = 1; k <= h; k += kRows) {
        C even[kRows], odd[kRows];
#pragma GCC unroll 8
        for (int i = 0; i < kRows; ++i) even[i] = first, odd[i] = {hn::Zero(f), hn::Zero(f)};
        for (int64_t j = 0; j < h; ++j, m += 2 * kRows) {
          const C sum = load(sums + j * size), difference = load(differences + j * size);
#pragma GCC unroll 8
          for (int i = 0; i < kRows; ++i) {
            const V cosine = hn::Set(f, m[2 * i]), sine = hn::Set(f, m[2 * i + 1]);
            even[i] = {hn::MulAdd(cosine, sum.re, even[i].re), hn::MulAdd(cosine, sum.im, even[i].im)};
            odd[i] = {hn::MulAdd(sine, difference.re, odd[i].re), hn::MulAdd(sine, difference.im, odd[i].im)};
          }
        }
#pragma GCC unroll 8
        for (int i = 0; i < kRows; ++i) {
          if (k + i > h) continue;
          const C turned = minus_i(odd[i]);
          put(k + i, even[i] + turned);
          put(p - k - i, even[i] - turned);
        }
      }
    }
  }
}

template <typename Load, typename Store>
HWY_NOINLINE void run_stage(const Plan::Stage& stage, Load from, Store to) {
  switch (stage.radix) {
    case 2:
      return stage_of<2>(stage, from, to);
    case 3:
      return stage_of<3>(stage, from, to);
    case 4:
      return stage_of<4>(stage, from, to);
    case 5:
      return stage_of<5>(stage, from, to);
    case 7:
      return stage_of<7>(stage, from, to);
    case 8:
      return stage_of<8>(stage, from, to);
    default:
      return prime_stage(stage, from, to);
  }
}

template <typename Load>
HWY_INLINE void transform_smooth(const Plan& plan, float* scratch, const Load& from, const To& to) {
  const size_t count = plan.stages.size();
  if (count == 0) return to(0, from(0));
  if (count == 1) return run_stage(plan.stages[0], from, to);
  float *here = scratch, *there = scratch + plan.n * 2 * lanes();
  run_stage(plan.stages[0], from, To{here});
  for (size_t s = 1; s + 1 < count; ++s) {
    run_stage(plan.stages[s], From{here}, To{there});
    std::swap(here, there);
  }
  run_stage(plan.stages[count - 1], From{here}, to);
}

/** Bluestein: jk = (j² + k² − (k − j)²) / 2 makes the transform a convolution with a chirp. */
template <typename Load>
HWY_NOINLINE void transform_by_chirp(const Plan& plan, float* scratch, const Load& from, const To& to) {
  const Plan::Chirp& chirp = *plan.chirp;
  const int64_t m = chirp.inner.n, size = 2 * lanes();
  float *a = scratch, *b = a + m * size, *rest = b + m * size;
  for (int64_t j = 0; j < plan.n; ++j) store(times(from(j), chirp.factor.data() + 2 * j), a + j * size);
  std::fill_n(a + plan.n * size, (m - plan.n) * size, 0.0f);
  transform_smooth(chirp.inner, rest, From{a}, To{b});
  for (int64_t k = 0; k < m; ++k) {  // the inverse is the conjugate of the conjugate's transform
    const C y = times(load(b + k * size), chirp.kernel.data() + 2 * k);
    store({y.re, hn::Neg(y.im)}, b + k * size);
  }
  transform_smooth(chirp.inner, rest, From{b}, To{a});
  for (int64_t k = 0; k < plan.n; ++k) {
    const C y = load(a + k * size);
    to(k, times({y.re, hn::Neg(y.im)}, chirp.factor.data() + 2 * k));
  }
}

/** X → to(k), k < N, of the numbers from(j), j < N. `scratch` has `plan.scratch()` vectors. `to` may lie where `from` does not. */
template <typename Load>
HWY_INLINE void transform(const Plan& plan, float* scratch, const Load& from, const To& to) {
  if (plan.chirp) return transform_by_chirp(plan, scratch, from, to);
  transform_smooth(plan, scratch, from, to);
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::dft
HWY_AFTER_NAMESPACE();

#endif  // toggle

#include "convscope/engine/kernels/activation.h"

#include <algorithm>
#include <bit>

#include "convscope/base/threads.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/activation.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/engine/kernels/activation-inl.h"
#include "convscope/engine/kernels/grid-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

template <typename Function, typename T>
void forward(const Function& function, float tuning, int64_t count, const T* x, T* out) {
  elementwise(count, out, [=](int64_t i, int64_t n) HWY_ATTR { return function.value(load_some(x + i, n), hn::Set(f, tuning)); });
}

template <typename Function, typename T>
void backward(const Function& function, float tuning, int64_t count, const T* y, const T* a, const T* b, T* out) {
  elementwise(count, out, [=](int64_t i, int64_t n) HWY_ATTR {
    V u = load_some(a + i, n);
    if (b) u = hn::Add(u, load_some(b + i, n));
    return function.slope(u, load_some(y + i, n), hn::Set(f, tuning));
  });
}

template <typename T>
void add_typed(int64_t count, const T* a, const T* b, T* out) {
  elementwise(count, out, [=](int64_t i, int64_t n) HWY_ATTR { return hn::Add(load_some(a + i, n), load_some(b + i, n)); });
}

/** The slopes of 16 lanes or fewer from `channel` on; 0 behind the last channel. */
HWY_INLINE V slopes_of(const Grid& g, int64_t channel, const float* slope, int64_t slope_step) {
  HWY_ALIGN float slopes[kMostLanes] = {};
  for (int64_t i = 0; i < lanes() && channel + i < g.channels; ++i) slopes[i] = slope[(channel + i) * slope_step];
  return load(slopes);
}

template <typename T>
void prelu_typed(const Grid& g, const T* x, const float* slope, int64_t slope_step, T* y) {
  parallel(g.images * g.blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / g.blocks, b = i % g.blocks;
      walk(
          g, n, n + 1, b, [&](int64_t lane) { return slopes_of(g, b * g.lanes + lane, slope, slope_step); },
          [&](int64_t at, V a) { store(LeakyRelu::value(load(x + at), a), y + at); });
    }
  });
}

template <typename T>
void prelu_backward_typed(const Grid& g, const T* x, const float* slope, int64_t slope_step, const T* dy, T* dx, float* dslope,
                          double* partial) {
  const Split split(g);
  const int64_t padded = g.padded_channels();
  float* laid = reinterpret_cast<float*>(partial + 2 * split.pieces * padded);
  for (int64_t c = 0; c < padded; ++c) laid[c] = c < g.channels ? slope[c * slope_step] : 0;
  over_pieces(g, split, [&](int64_t b, int64_t piece) {
    double* sum = partial + (2 * piece) * padded + b * g.lanes;
    sums(g, split.begin(piece), split.begin(piece + 1), b, sum, sum + padded, [&](int64_t at, int64_t lane, V& a0, V&) HWY_ATTR {
      const V vx = load(x + at), u = load(dy + at);
      const auto open = hn::Gt(vx, hn::Zero(f));
      store(hn::IfThenElse(open, u, hn::Mul(u, load(laid + b * g.lanes + lane))), dx + at);
      a0 = hn::Add(a0, hn::IfThenZeroElse(open, hn::Mul(vx, u)));
    });
  });
  double all = 0;
  for (int64_t c = 0; c < g.channels; ++c) {
    double sum = 0;
    for (int64_t piece = 0; piece < split.pieces; ++piece) sum += partial[(2 * piece) * padded + c];
    if (slope_step != 0) dslope[c] = static_cast<float>(sum);
    all += sum;
  }
  if (slope_step == 0) dslope[0] = static_cast<float>(all);
}

void ActivationForward(const Activation& of, int64_t count, bool bf16, const void* x, void* out) {
  with_activation(of, bf16, [&](const auto& function) {
    CONVSCOPE_TYPED((forward(function, static_cast<float>(of.tuning), count, CONVSCOPE_C(x), CONVSCOPE_M(out))))
  });
}
void ActivationBackward(const Activation& of, int64_t count, bool bf16, const void* y, const void* a, const void* b, void* out) {
  with_activation(of, bf16, [&](const auto& function) {
    CONVSCOPE_TYPED(
        (backward(function, static_cast<float>(of.tuning), count, CONVSCOPE_C(y), CONVSCOPE_C(a), CONVSCOPE_C(b), CONVSCOPE_M(out))))
  });
}
void AddForward(int64_t count, bool bf16, const void* a, const void* b, void* out) {
  CONVSCOPE_TYPED(add_typed<T>(count, CONVSCOPE_C(a), CONVSCOPE_C(b), CONVSCOPE_M(out)))
}
void PRelu(const Grid& g, const void* x, const float* slope, int64_t slope_step, void* y) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(prelu_typed<T>(g, CONVSCOPE_C(x), slope, slope_step, CONVSCOPE_M(y)))
}
void PReluBackward(const Grid& g, const void* x, const float* slope, int64_t slope_step, const void* dy, void* dx, float* dslope,
                   double* partial) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(prelu_backward_typed<T>(g, CONVSCOPE_C(x), slope, slope_step, CONVSCOPE_C(dy), CONVSCOPE_M(dx), dslope, partial))
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(AddForward);
HWY_EXPORT(ActivationForward);
HWY_EXPORT(ActivationBackward);
HWY_EXPORT(PRelu);
HWY_EXPORT(PReluBackward);

void add(int64_t count, bool bf16, const void* a, const void* b, void* out) { HWY_DYNAMIC_DISPATCH(AddForward)(count, bf16, a, b, out); }
void activation(const Activation& of, int64_t count, bool bf16, const void* x, void* out) {
  HWY_DYNAMIC_DISPATCH(ActivationForward)(of, count, bf16, x, out);
}
void activation_backward(const Activation& of, int64_t count, bool bf16, const void* y, const void* a, const void* b, void* out) {
  HWY_DYNAMIC_DISPATCH(ActivationBackward)(of, count, bf16, y, a, b, out);
}
void prelu(const Grid& g, const void* x, const float* slope, int64_t slope_step, void* y) {
  HWY_DYNAMIC_DISPATCH(PRelu)(g, x, slope, slope_step, y);
}
void prelu_backward(const Grid& g, const void* x, const float* slope, int64_t slope_step, const void* dy, void* dx, float* dslope,
                    double* partial) {
  HWY_DYNAMIC_DISPATCH(PReluBackward)(g, x, slope, slope_step, dy, dx, dslope, partial);
}
int64_t prelu_partials(const Grid& g) { return (2 * std::max<int64_t>(1, threads()) + 1) * g.padded_channels(); }

}  // namespace convscope::kernels
#endif  // HWY_ONCE

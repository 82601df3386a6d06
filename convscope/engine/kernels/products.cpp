#include "convscope/engine/kernels/products.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/products.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/engine/kernels/grid-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

template <typename T>
void multiply_typed(int64_t count, const T* a, const T* b, T* out) {
  elementwise(count, out, [=](int64_t i, int64_t n) HWY_ATTR { return hn::Mul(load_some(a + i, n), load_some(b + i, n)); });
}

/** Some lanes of a row of numbers by channel, from `channel` on; 0 behind the last channel. */
HWY_INLINE V of_channels(const Grid& g, const float* row, int64_t channel) {
  const int64_t there = std::clamp<int64_t>(g.channels - channel, 0, lanes());
  return load_some(row + std::min(channel, g.channels), there);
}

template <typename T>
void multiply_by_channel_typed(const Grid& g, const T* x, const float* gates, T* y) {
  parallel(g.images * g.blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / g.blocks, b = i % g.blocks;
      walk(
          g, n, n + 1, b, [&](int64_t lane) { return of_channels(g, gates + n * g.channels, b * g.lanes + lane); },
          [&](int64_t at, V gate) { store(hn::Mul(load(x + at), gate), y + at); });
    }
  });
}

HWY_INLINE V away(V z, float epsilon) { return hn::IfThenElse(hn::Ge(z, hn::Zero(f)), hn::Set(f, epsilon), hn::Set(f, -epsilon)); }

template <typename T>
void quotient_typed(int64_t count, const T* r, const T* z, float epsilon, T* out) {
  elementwise(count, out, [=](int64_t i, int64_t n) HWY_ATTR {
    const V top = load_some(r + i, n), below = load_some(z + i, n);
    return hn::IfThenZeroElse(hn::Eq(top, hn::Zero(f)), hn::Div(top, hn::Add(below, away(below, epsilon))));
  });
}

template <typename T>
void absorbed_typed(const Grid& g, const T* s, const T* z, const float* bias, const T* everywhere, float epsilon, double factor,
                    float* sum) {
  parallel(g.images, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      double all = 0;
      for (int64_t b = 0; b < g.blocks; ++b)
        for (int64_t lane = 0; lane < g.lanes; lane += lanes()) {
          const int64_t count = std::min(lanes(), g.lanes - lane);
          const V by_channel = bias ? of_channels(g, bias, b * g.lanes + lane) : hn::Zero(f);
          for (int64_t p0 = 0; p0 < g.points; p0 += kPointsOfSums) {
            V part = hn::Zero(f);
            for (int64_t p = p0; p < std::min(g.points, p0 + kPointsOfSums); ++p) {
              const int64_t at = ((n * g.blocks + b) * g.points + p) * g.lanes + lane;
              V taken = hn::Add(by_channel, away(load_some(z + at, count), epsilon));
              if (everywhere) taken = hn::Add(taken, load_some(everywhere + at, count));
              part = hn::MulAdd(load_some(s + at, count), taken, part);
            }
            all += hn::GetLane(hn::SumOfLanes(f, part));
          }
        }
      sum[n] = static_cast<float>(factor * all);
    }
  });
}

void Multiply(int64_t count, bool bf16, const void* a, const void* b, void* out) {
  CONVSCOPE_TYPED(multiply_typed<T>(count, CONVSCOPE_C(a), CONVSCOPE_C(b), CONVSCOPE_M(out)))
}
void MultiplyByChannel(const Grid& g, const void* x, const float* gates, void* y) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(multiply_by_channel_typed<T>(g, CONVSCOPE_C(x), gates, CONVSCOPE_M(y)))
}
void Quotient(int64_t count, bool bf16, const void* r, const void* z, float epsilon, void* out) {
  CONVSCOPE_TYPED(quotient_typed<T>(count, CONVSCOPE_C(r), CONVSCOPE_C(z), epsilon, CONVSCOPE_M(out)))
}
void Absorbed(const Grid& g, const void* s, const void* z, const float* bias, const void* everywhere, float epsilon, double factor,
              float* sum) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(absorbed_typed<T>(g, CONVSCOPE_C(s), CONVSCOPE_C(z), bias, CONVSCOPE_C(everywhere), epsilon, factor, sum))
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(Multiply);
HWY_EXPORT(MultiplyByChannel);
HWY_EXPORT(Quotient);
HWY_EXPORT(Absorbed);

void multiply(int64_t count, bool bf16, const void* a, const void* b, void* out) { HWY_DYNAMIC_DISPATCH(Multiply)(count, bf16, a, b, out); }
void multiply_by_channel(const Grid& g, const void* x, const float* gates, void* y) {
  HWY_DYNAMIC_DISPATCH(MultiplyByChannel)(g, x, gates, y);
}
void quotient(int64_t count, bool bf16, const void* r, const void* z, float epsilon, void* out) {
  HWY_DYNAMIC_DISPATCH(Quotient)(count, bf16, r, z, epsilon, out);
}
void absorbed(const Grid& g, const void* s, const void* z, const float* bias, const void* bias_everywhere, float epsilon, double factor,
              float* sum) {
  HWY_DYNAMIC_DISPATCH(Absorbed)(g, s, z, bias, bias_everywhere, epsilon, factor, sum);
}

}  // namespace convscope::kernels
#endif  // HWY_ONCE

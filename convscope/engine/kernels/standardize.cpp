#include "convscope/engine/kernels/standardize.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/standardize.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/engine/kernels/grid-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

/** body(first) for each point, by all threads: the offset of its first channel. */
template <typename Body>
void each_point(const Grid& g, const Body& body) {
  parallel(g.images * g.points, 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) body(i / g.points * g.image_size() + i % g.points * g.lanes);
  });
}

/** body(offset) for each vector of a point's channels. */
template <typename Body>
HWY_INLINE void each_vector(const Grid& g, int64_t first, const Body& body) {
  for (int64_t b = 0; b < g.blocks; ++b)
    for (int64_t l = 0; l < g.lanes; l += lanes()) body(first + b * g.points * g.lanes + l);
}

HWY_INLINE float sum_of(V v) { return hn::GetLane(hn::SumOfLanes(f, v)); }

struct Moments {
  float mean, factor;  // factor: 1 / √(variance + eps)
};
template <typename T>
HWY_INLINE Moments moments(const Grid& g, double eps, const T* x, int64_t first) {
  const float count = static_cast<float>(g.channels);
  V sum = hn::Zero(f), squares = hn::Zero(f);
  each_vector(g, first, [&](int64_t at) HWY_ATTR { sum = hn::Add(sum, load(x + at)); });
  const float mean = sum_of(sum) / count;
  each_vector(g, first, [&](int64_t at) HWY_ATTR {
    const V d = hn::Sub(load(x + at), hn::Set(f, mean));
    squares = hn::MulAdd(d, d, squares);
  });
  return {mean, static_cast<float>(1 / std::sqrt(double{sum_of(squares) / count} + eps))};
}

template <typename T>
void standardize_typed(const Grid& g, double eps, const T* x, T* y) {
  each_point(g, [&](int64_t first) HWY_ATTR {
    const Moments m = moments(g, eps, x, first);
    const V mean = hn::Set(f, m.mean), factor = hn::Set(f, m.factor);
    each_vector(g, first, [&](int64_t at) HWY_ATTR { store(hn::Mul(hn::Sub(load(x + at), mean), factor), y + at); });
  });
}

template <typename T>
void standardize_backward_typed(const Grid& g, double eps, const T* x, const T* dy, T* dx) {
  each_point(g, [&](int64_t first) HWY_ATTR {
    const Moments m = moments(g, eps, x, first);
    const V mean = hn::Set(f, m.mean), factor = hn::Set(f, m.factor);
    const auto made = [&](int64_t at) HWY_ATTR { return hn::Mul(hn::Sub(load(x + at), mean), factor); };
    V slopes = hn::Zero(f), products = hn::Zero(f);
    each_vector(g, first, [&](int64_t at) HWY_ATTR {
      const V u = load(dy + at);
      slopes = hn::Add(slopes, u);
      products = hn::MulAdd(u, made(at), products);
    });
    const float count = static_cast<float>(g.channels);
    const V slope = hn::Set(f, sum_of(slopes) / count), product = hn::Set(f, sum_of(products) / count);
    each_vector(g, first, [&](int64_t at) HWY_ATTR {
      const V centred = hn::Sub(load(dy + at), slope);
      store(hn::Mul(hn::NegMulAdd(made(at), product, centred), factor), dx + at);
    });
  });
}

void Standardize(const Grid& g, double eps, const void* x, void* y) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(standardize_typed<T>(g, eps, CONVSCOPE_C(x), CONVSCOPE_M(y)))
}
void StandardizeBackward(const Grid& g, double eps, const void* x, const void* dy, void* dx) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(standardize_backward_typed<T>(g, eps, CONVSCOPE_C(x), CONVSCOPE_C(dy), CONVSCOPE_M(dx)))
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(Standardize);
HWY_EXPORT(StandardizeBackward);

void standardize_channels(const Grid& g, double eps, const void* x, void* y) { HWY_DYNAMIC_DISPATCH(Standardize)(g, eps, x, y); }
void standardize_channels_backward(const Grid& g, double eps, const void* x, const void* dy, void* dx) {
  HWY_DYNAMIC_DISPATCH(StandardizeBackward)(g, eps, x, dy, dx);
}

}  // namespace convscope::kernels
#endif  // HWY_ONCE

#include "convscope/train/optimisers/kernels.h"

#include <algorithm>

#include "convscope/base/threads.h"

// Compiled once for each of these processors and chosen when the program starts.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/train/optimisers/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using F = hn::CappedTag<float, 16>;
using V = hn::Vec<F>;
constexpr F f;

HWY_INLINE V load(const float* p) { return hn::LoadU(f, p); }
HWY_INLINE void store(V v, float* p) { hn::StoreU(v, f, p); }

/** body(a, b, c, d) at every vector of the ranges; the last numbers, fewer than a vector, through buffers. A null range stays null. */
template <typename Body>
HWY_INLINE void by_vectors(int64_t count, float* a, const float* b, float* c, float* d, const Body& body) {
  constexpr int64_t kBlock = 16, kLeast = 1 << 15;
  parallel((count + kBlock - 1) / kBlock, kLeast / kBlock, [&](int64_t begin, int64_t end) HWY_ATTR {
    const int64_t step = static_cast<int64_t>(hn::Lanes(f)), last = std::min(end * kBlock, count);
    int64_t i = begin * kBlock;
    for (; i + step <= last; i += step) body(a + i, b + i, c ? c + i : nullptr, d ? d + i : nullptr);
    if (i == last) return;
    HWY_ALIGN float rest[4][kBlock] = {};
    const int64_t some = last - i;
    std::copy_n(a + i, some, rest[0]);
    std::copy_n(b + i, some, rest[1]);
    if (c) std::copy_n(c + i, some, rest[2]);
    if (d) std::copy_n(d + i, some, rest[3]);
    body(rest[0], rest[1], c ? rest[2] : nullptr, d ? rest[3] : nullptr);
    std::copy_n(rest[0], some, a + i);
    if (c) std::copy_n(rest[2], some, c + i);
    if (d) std::copy_n(rest[3], some, d + i);
  });
}

void SgdUpdate(int64_t count, const SgdStep& s, float* w, const float* g, float* m) {
  by_vectors(count, w, g, m, nullptr, [&](float* pw, const float* pg, float* pm, float*) HWY_ATTR {
    const V vw = load(pw), slope = hn::MulAdd(hn::Set(f, s.decay), vw, load(pg));
    V step = slope;
    if (pm) {
      const V momentum = hn::Set(f, s.momentum), vm = hn::MulAdd(momentum, load(pm), slope);
      store(vm, pm);
      step = s.nesterov ? hn::MulAdd(momentum, vm, slope) : vm;
    }
    store(hn::NegMulAdd(hn::Set(f, s.rate), step, vw), pw);
  });
}

void AdamUpdate(int64_t count, const AdamStep& s, float* w, const float* g, float* m, float* v) {
  by_vectors(count, w, g, m, v, [&](float* pw, const float* pg, float* pm, float* pv) HWY_ATTR {
    const V vw = load(pw), slope = hn::MulAdd(hn::Set(f, s.decay), vw, load(pg));
    const V vm = hn::MulAdd(hn::Set(f, s.beta1), load(pm), hn::Mul(hn::Set(f, s.rest1), slope));
    const V vv = hn::MulAdd(hn::Set(f, s.beta2), load(pv), hn::Mul(hn::Set(f, s.rest2), hn::Mul(slope, slope)));
    store(vm, pm);
    store(vv, pv);
    const V scale = hn::MulAdd(hn::Set(f, s.root), hn::Sqrt(vv), hn::Set(f, s.eps));
    store(hn::NegMulAdd(hn::Set(f, s.rate), hn::Div(vm, scale), vw), pw);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(SgdUpdate);
HWY_EXPORT(AdamUpdate);

void sgd_update(int64_t count, const SgdStep& step, float* w, const float* g, float* m) {
  HWY_DYNAMIC_DISPATCH(SgdUpdate)(count, step, w, g, m);
}
void adam_update(int64_t count, const AdamStep& step, float* w, const float* g, float* m, float* v) {
  HWY_DYNAMIC_DISPATCH(AdamUpdate)(count, step, w, g, m, v);
}

}  // namespace convscope::kernels
#endif  // HWY_ONCE

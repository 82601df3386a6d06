#include "convscope/train/optimisers/kernels.h"

#include <algorithm>
#include <vector>

#include "convscope/base/threads.h"
#include "convscope/train/optimiser.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/train/optimisers/kernels.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/tensor/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

using namespace simd::HWY_NAMESPACE;

constexpr int64_t kBlock = kDecayBlock, kLeast = 1 << 15;

/** body(a, b, c, d, block) at every vector of the ranges; the last numbers, fewer than a vector, through buffers. A null range stays null.
 */
template <typename Body>
HWY_INLINE void by_vectors(int64_t count, float* a, const float* b, float* c, float* d, const Body& body) {
  parallel((count + kBlock - 1) / kBlock, kLeast / kBlock, [&](int64_t begin, int64_t end) HWY_ATTR {
    const int64_t step = lanes(), last = std::min(end * kBlock, count);
    int64_t i = begin * kBlock;
    for (; i + step <= last; i += step) body(a + i, b + i, c ? c + i : nullptr, d ? d + i : nullptr, i / kBlock);
    if (i == last) return;
    HWY_ALIGN float rest[4][kBlock] = {};
    const int64_t some = last - i;
    std::copy_n(a + i, some, rest[0]);
    std::copy_n(b + i, some, rest[1]);
    if (c) std::copy_n(c + i, some, rest[2]);
    if (d) std::copy_n(d + i, some, rest[3]);
    body(rest[0], rest[1], c ? rest[2] : nullptr, d ? rest[3] : nullptr, i / kBlock);
    std::copy_n(rest[0], some, a + i);
    if (c) std::copy_n(rest[2], some, c + i);
    if (d) std::copy_n(rest[3], some, d + i);
  });
}

/** The decay that a block of numbers gets. */
HWY_INLINE V decay_at(float decay, const float* decayed, int64_t block) { return hn::Set(f, decayed ? decay * decayed[block] : decay); }

void SgdUpdate(int64_t count, const SgdStep& s, const float* decayed, float* w, const float* g, float* m) {
  by_vectors(count, w, g, m, nullptr, [&](float* pw, const float* pg, float* pm, float*, int64_t block) HWY_ATTR {
    const V vw = load(pw), slope = hn::MulAdd(decay_at(s.decay, decayed, block), vw, load(pg));
    V step = slope;
    if (pm) {
      const V momentum = hn::Set(f, s.momentum), scaled = hn::Mul(hn::Set(f, s.scale), slope);
      const V vm = hn::MulAdd(momentum, load(pm), scaled);
      store(vm, pm);
      step = s.nesterov ? hn::MulAdd(momentum, vm, scaled) : vm;
    }
    store(hn::NegMulAdd(hn::Set(f, s.rate), step, vw), pw);
  });
}

void AdamUpdate(int64_t count, const AdamStep& s, const float* decayed, float* w, const float* g, float* m, float* v) {
  by_vectors(count, w, g, m, v, [&](float* pw, const float* pg, float* pm, float* pv, int64_t block) HWY_ATTR {
    const V old = load(pw), slope = hn::MulAdd(decay_at(s.decay, decayed, block), old, load(pg));
    const V vm = hn::MulAdd(hn::Set(f, s.beta1), load(pm), hn::Mul(hn::Set(f, s.rest1), slope));
    const V vv = hn::MulAdd(hn::Set(f, s.beta2), load(pv), hn::Mul(hn::Set(f, s.rest2), hn::Mul(slope, slope)));
    store(vm, pm);
    store(vv, pv);
    const V scale = hn::MulAdd(hn::Set(f, s.root), hn::Sqrt(vv), hn::Set(f, s.eps));
    const V kept = hn::NegMulAdd(decay_at(s.shrink, decayed, block), old, old);
    store(hn::NegMulAdd(hn::Set(f, s.rate), hn::Div(vm, scale), kept), pw);
  });
}

void RmspropUpdate(int64_t count, const RmspropStep& s, const float* decayed, float* w, const float* g, float* v, float* m) {
  by_vectors(count, w, g, v, m, [&](float* pw, const float* pg, float* pv, float* pm, int64_t block) HWY_ATTR {
    const V vw = load(pw), slope = hn::MulAdd(decay_at(s.decay, decayed, block), vw, load(pg)), eps = hn::Set(f, s.eps);
    const V vv = hn::MulAdd(hn::Set(f, s.rho), load(pv), hn::Mul(hn::Set(f, s.rest), hn::Mul(slope, slope)));
    store(vv, pv);
    const V root = s.inside ? hn::Sqrt(hn::Add(vv, eps)) : hn::Add(hn::Sqrt(vv), eps);
    V step = hn::Div(slope, root);
    if (pm) {
      step = hn::MulAdd(hn::Set(f, s.momentum), load(pm), step);
      store(step, pm);
    }
    store(hn::NegMulAdd(hn::Set(f, s.rate), step, vw), pw);
  });
}

void AverageUpdate(int64_t count, float share, float* a, const float* w) {
  by_vectors(count, a, w, nullptr, nullptr, [&](float* pa, const float* pw, float*, float*, int64_t) HWY_ATTR {
    const V va = load(pa);
    store(hn::MulAdd(hn::Set(f, share), hn::Sub(load(pw), va), va), pa);
  });
}

void Clamp(int64_t count, float most, float* g) {
  by_vectors(count, g, g, nullptr, nullptr, [&](float* pg, const float*, float*, float*, int64_t) HWY_ATTR {
    const V v = load(pg), limit = hn::Set(f, most), bound = hn::CopySign(limit, v);
    store(hn::IfThenElse(hn::Gt(hn::Abs(v), limit), bound, v), pg);
  });
}

void Scale(int64_t count, float factor, float* g) {
  by_vectors(count, g, g, nullptr, nullptr,
             [&](float* pg, const float*, float*, float*, int64_t) HWY_ATTR { store(hn::Mul(hn::Set(f, factor), load(pg)), pg); });
}

double SumOfSquares(int64_t count, const float* g) {
  // Short sums in single precision, their sum in double: pieces of fixed length, whatever the threads.
  constexpr int64_t kPiece = 4096;
  const int64_t pieces = (count + kPiece - 1) / kPiece;
  std::vector<double> sums(static_cast<size_t>(pieces));
  parallel(pieces, kLeast / kPiece, [&](int64_t begin, int64_t end) HWY_ATTR {
    const int64_t step = lanes();
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t last = std::min(count, (piece + 1) * kPiece);
      int64_t i = piece * kPiece;
      V sum = hn::Zero(f);
      for (; i + step <= last; i += step) {
        const V v = load(g + i);
        sum = hn::MulAdd(v, v, sum);
      }
      HWY_ALIGN float lanes[kBlock] = {};
      store(sum, lanes);
      double total = 0;
      for (const float lane : lanes) total += static_cast<double>(lane);
      for (; i < last; ++i) total += static_cast<double>(g[i]) * static_cast<double>(g[i]);
      sums[static_cast<size_t>(piece)] = total;
    }
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(SgdUpdate);
HWY_EXPORT(AdamUpdate);
HWY_EXPORT(RmspropUpdate);
HWY_EXPORT(AverageUpdate);
HWY_EXPORT(Clamp);
HWY_EXPORT(Scale);
HWY_EXPORT(SumOfSquares);

void sgd_update(int64_t count, const SgdStep& step, const float* decayed, float* w, const float* g, float* m) {
  HWY_DYNAMIC_DISPATCH(SgdUpdate)(count, step, decayed, w, g, m);
}
void adam_update(int64_t count, const AdamStep& step, const float* decayed, float* w, const float* g, float* m, float* v) {
  HWY_DYNAMIC_DISPATCH(AdamUpdate)(count, step, decayed, w, g, m, v);
}
void rmsprop_update(int64_t count, const RmspropStep& step, const float* decayed, float* w, const float* g, float* v, float* m) {
  HWY_DYNAMIC_DISPATCH(RmspropUpdate)(count, step, decayed, w, g, v, m);
}
void average_update(int64_t count, float share, float* a, const float* w) { HWY_DYNAMIC_DISPATCH(AverageUpdate)(count, share, a, w); }
void clamp(int64_t count, float most, float* g) { HWY_DYNAMIC_DISPATCH(Clamp)(count, most, g); }
void scale(int64_t count, float factor, float* g) { HWY_DYNAMIC_DISPATCH(Scale)(count, factor, g); }
double sum_of_squares(int64_t count, const float* g) { return HWY_DYNAMIC_DISPATCH(SumOfSquares)(count, g); }

}  // namespace convscope::kernels
#endif  // HWY_ONCE

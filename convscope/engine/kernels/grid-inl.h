// Walks over grids, which the kernels share. Read once for each kind of processor: Highway's toggle stands in for an include guard.
#if defined(CONVSCOPE_ENGINE_KERNELS_GRID) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_ENGINE_KERNELS_GRID
#undef CONVSCOPE_ENGINE_KERNELS_GRID
#else
#define CONVSCOPE_ENGINE_KERNELS_GRID
#endif

#include <algorithm>

#include "convscope/base/threads.h"
#include "convscope/engine/kernels/grid.h"
#include "convscope/tensor/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

using namespace simd::HWY_NAMESPACE;

/** Points that are walked together, so that what the lanes of nhwc share stays in L1. */
constexpr int64_t kPoints = 64;

/** body(offset of the first vector, step between points, points, lane) for the vectors of images [n0, n1) of block b. */
template <typename Body>
HWY_INLINE void walk(const Grid& g, int64_t n0, int64_t n1, int64_t b, const Body& body) {
  const int64_t chunk = g.lanes <= 16 ? g.points : kPoints;
  for (int64_t n = n0; n < n1; ++n)
    for (int64_t p = 0; p < g.points; p += chunk)
      for (int64_t l = 0; l < g.lanes; l += lanes())
        body((n * g.blocks + b) * g.points * g.lanes + p * g.lanes + l, g.lanes, std::min(chunk, g.points - p), l);
}

/** Pieces of the work on which sums are made: blocks where threads share them evenly, images otherwise. */
struct Split {
  int64_t pieces, images;
  explicit Split(const Grid& g) {
    const int64_t team = threads();
    pieces = g.blocks % team == 0 ? 1 : std::min<int64_t>(team, g.images);
    images = g.images;
  }
  int64_t begin(int64_t piece) const { return images * piece / pieces; }
};

/** body(block, piece) over all, in parallel. */
template <typename Body>
void over_pieces(const Grid& g, const Split& split, const Body& body) {
  parallel(g.blocks * split.pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) body(i / split.pieces, i % split.pieces);
  });
}

/** Σ v0 and Σ v1 of each lane of block b over images [n0, n1), in double from image to image. */
template <typename Terms>
HWY_INLINE void sums(const Grid& g, int64_t n0, int64_t n1, int64_t b, double* s0, double* s1, const Terms& terms) {
  std::fill_n(s0, g.lanes, 0.0);
  std::fill_n(s1, g.lanes, 0.0);
  HWY_ALIGN float t0[kMostLanes], t1[kMostLanes];
  walk(g, n0, n1, b, [&](int64_t at, int64_t step, int64_t points, int64_t lane) {
    // Four partial sums: shorter chains of additions are faster, and round less.
    V a[4] = {hn::Zero(f), hn::Zero(f), hn::Zero(f), hn::Zero(f)}, b4[4] = {a[0], a[0], a[0], a[0]};
    int64_t p = 0;
    for (; p + 3 < points; p += 4)
      for (int k = 0; k < 4; ++k) terms(at + (p + k) * step, lane, a[k], b4[k]);
    for (; p < points; ++p) terms(at + p * step, lane, a[0], b4[0]);
    store(hn::Add(hn::Add(a[0], a[1]), hn::Add(a[2], a[3])), t0);
    store(hn::Add(hn::Add(b4[0], b4[1]), hn::Add(b4[2], b4[3])), t1);
    for (int64_t i = 0; i < lanes(); ++i) {
      s0[lane + i] += t0[i];
      s1[lane + i] += t1[i];
    }
  });
}

/** out[i] = body(i) by vectors; the last ones, fewer than a vector, through a buffer. */
template <typename T, typename Body>
void elementwise(int64_t count, T* out, const Body& body) {
  constexpr int64_t kLeast = 1 << 14;
  parallel((count + 15) / 16, kLeast / 16, [&](int64_t begin, int64_t end) {
    const int64_t step = lanes(), last = std::min(end * 16, count);
    int64_t i = begin * 16;
    for (; i + step <= last; i += step) store(body(i, step), out + i);
    if (i < last) store_some(body(i, last - i), out + i, last - i);
  });
}

/** Pointers to memory of either type, inside a call that CONVSCOPE_TYPED makes for T. */
#define CONVSCOPE_C(p) static_cast<const T*>(p)
#define CONVSCOPE_M(p) static_cast<T*>(p)
#define CONVSCOPE_TYPED(call) \
  if (bf16) {                 \
    using T = Bf16;           \
    call;                     \
  } else {                    \
    using T = float;          \
    call;                     \
  }

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#endif  // toggle

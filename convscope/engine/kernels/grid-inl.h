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

/**
 * body(offset of the vector, constants(its first lane)) for the vectors of images [n0, n1) of block b, in memory's own order: walking
 * each vector of channels by itself takes twice as long where there are several.
 */
template <typename Constants, typename Body>
HWY_INLINE void walk(const Grid& g, int64_t n0, int64_t n1, int64_t b, const Constants& constants, const Body& body) {
  for (int64_t n = n0; n < n1; ++n) {
    const int64_t first = (n * g.blocks + b) * g.points * g.lanes, end = first + g.points * g.lanes;
    if (g.lanes == lanes()) {
      const auto k = constants(0);
      for (int64_t at = first; at < end; at += lanes()) body(at, k);
    } else {
      for (int64_t at = first; at < end; at += g.lanes)
        for (int64_t l = 0; l < g.lanes; l += lanes()) body(at + l, constants(l));
    }
  }
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

/** Sums of so many points are made in fp32 before they go into those in double. */
constexpr int64_t kPointsOfSums = 256;
/** Points that a vector of channels of nhwc is summed over before the next one's turn. */
constexpr int64_t kPoints = 8;
/** Channels whose sums are made together; those of nhwc may be more. */
constexpr int64_t kMostChannels = 512;

/** Σ v0 and Σ v1 of each lane of block b over images [n0, n1). terms(at, lane, sum of v0, sum of v1) adds one vector's. */
template <typename Terms>
HWY_INLINE void sums(const Grid& g, int64_t n0, int64_t n1, int64_t b, double* s0, double* s1, const Terms& terms) {
  std::fill_n(s0, g.lanes, 0.0);
  std::fill_n(s1, g.lanes, 0.0);
  HWY_ALIGN float t0[kMostChannels], t1[kMostChannels];
  const int64_t chunk = g.lanes <= 16 ? kPointsOfSums : kPoints;
  for (int64_t first = 0; first < g.lanes; first += kMostChannels) {
    const int64_t channels = std::min(kMostChannels, g.lanes - first);
    for (int64_t n = n0; n < n1; ++n)
      for (int64_t p0 = 0; p0 < g.points; p0 += kPointsOfSums) {
        const int64_t p1 = std::min(g.points, p0 + kPointsOfSums);
        std::fill_n(t0, channels, 0.0f);
        std::fill_n(t1, channels, 0.0f);
        for (int64_t p = p0; p < p1; p += chunk)
          for (int64_t l = 0; l < channels; l += lanes()) {
            const int64_t lane = first + l, end = std::min(p1, p + chunk);
            int64_t at = ((n * g.blocks + b) * g.points + p) * g.lanes + lane, q = p;
            // Partial sums: shorter chains of additions are faster, and round less.
            V a[4] = {load(t0 + l), hn::Zero(f), hn::Zero(f), hn::Zero(f)}, b4[4] = {load(t1 + l), a[1], a[1], a[1]};
            for (; q + 3 < end; q += 4, at += 4 * g.lanes)
              for (int k = 0; k < 4; ++k) terms(at + k * g.lanes, lane, a[k], b4[k]);
            for (; q < end; ++q, at += g.lanes) terms(at, lane, a[0], b4[0]);
            store(hn::Add(hn::Add(a[0], a[1]), hn::Add(a[2], a[3])), t0 + l);
            store(hn::Add(hn::Add(b4[0], b4[1]), hn::Add(b4[2], b4[3])), t1 + l);
          }
        for (int64_t l = 0; l < channels; ++l) {
          s0[first + l] += t0[l];
          s1[first + l] += t1[l];
        }
      }
  }
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

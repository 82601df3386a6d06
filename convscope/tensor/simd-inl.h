// Vectors of floats, as all vector code here has them. Read once for each kind of processor: Highway's toggle stands in for an include
// guard.
#if defined(CONVSCOPE_TENSOR_SIMD) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_TENSOR_SIMD
#undef CONVSCOPE_TENSOR_SIMD
#else
#define CONVSCOPE_TENSOR_SIMD
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace convscope::simd {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/** At most so many lanes: a vector never crosses the 16 channels of a block. */
constexpr int64_t kMostLanes = 16;
using F = hn::CappedTag<float, kMostLanes>;
using U32 = hn::Rebind<uint32_t, F>;
using U16 = hn::Rebind<uint16_t, F>;
using V = hn::Vec<F>;
constexpr F f;

HWY_INLINE int64_t lanes() { return static_cast<int64_t>(hn::Lanes(f)); }

struct Bf16 {
  uint16_t bits;
};

HWY_INLINE V load(const float* p) { return hn::LoadU(f, p); }
HWY_INLINE V load(const Bf16* p) {
  return hn::BitCast(f, hn::ShiftLeft<16>(hn::PromoteTo(U32(), hn::LoadU(U16(), reinterpret_cast<const uint16_t*>(p)))));
}
HWY_INLINE void store(V v, float* p) { hn::StoreU(v, f, p); }
/** Rounds to nearest, ties to even. */
HWY_INLINE void store(V v, Bf16* p) {
  const U32 u;
  const auto bits = hn::BitCast(u, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(u, 1));
  const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(u, 0x7fff))));
  const auto quiet = hn::IfThenElse(hn::RebindMask(u, hn::IsNaN(v)), hn::Set(u, 0x7fc0), rounded);
  hn::StoreU(hn::DemoteTo(U16(), hn::BitCast(hn::Rebind<int32_t, F>(), quiet)), U16(), reinterpret_cast<uint16_t*>(p));
}

/** The first `count` numbers, a vector of them or fewer; zeros behind them. */
template <typename T>
HWY_INLINE V load_some(const T* p, int64_t count) {
  if (count == lanes()) return load(p);
  HWY_ALIGN T rest[kMostLanes] = {};
  std::copy_n(p, count, rest);
  return load(rest);
}
template <typename T>
HWY_INLINE void store_some(V v, T* p, int64_t count) {
  HWY_ALIGN T rest[kMostLanes];
  store(v, rest);
  std::copy_n(rest, count, p);
}

/** The larger one; a NaN stays one, so that a network that has broken shows it. */
HWY_INLINE V at_least(V v, V floor) { return hn::IfThenElse(hn::Lt(v, floor), floor, v); }

}  // namespace HWY_NAMESPACE
}  // namespace convscope::simd
HWY_AFTER_NAMESPACE();

#endif  // toggle

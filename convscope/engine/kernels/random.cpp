#include "convscope/engine/kernels/random.h"

#include "convscope/base/threads.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/random.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/engine/kernels/grid-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

/** (product's high words, low words) of two vectors of 32-bit numbers. */
HWY_INLINE void multiply(hn::Vec<U32> a, hn::Vec<U32> b, hn::Vec<U32>& high, hn::Vec<U32>& low) {
  const U32 u;
#if HWY_TARGET == HWY_SCALAR
  const uint64_t product = uint64_t{hn::GetLane(a)} * hn::GetLane(b);
  high = hn::Set(u, static_cast<uint32_t>(product >> 32));
  low = hn::Set(u, static_cast<uint32_t>(product));
#else
  const auto even = hn::BitCast(u, hn::MulEven(a, b));
  const auto odd = hn::BitCast(u, hn::MulEven(hn::DupOdd(a), hn::DupOdd(b)));
  low = hn::OddEven(hn::DupEven(odd), even);
  high = hn::OddEven(odd, hn::DupOdd(even));
#endif
}

/** Philox 4x32-10 on lanes that differ in the counter's first word; `RandomStream::block` says the same for one. */
HWY_INLINE void philox(hn::Vec<U32> (&c)[4], uint32_t k0, uint32_t k1) {
  const U32 u;
  for (int round = 0; round < 10; ++round) {
    hn::Vec<U32> h0, h1, l0, l1;
    multiply(hn::Set(u, 0xD2511F53), c[0], h0, l0);
    multiply(hn::Set(u, 0xCD9E8D57), c[2], h1, l1);
    c[0] = hn::Xor(hn::Xor(h1, c[1]), hn::Set(u, k0));
    c[2] = hn::Xor(hn::Xor(h0, c[3]), hn::Set(u, k1));
    c[1] = l1;
    c[3] = l0;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
}

/**
 * body(place, numbers) for every vector of the grid, numbers drawn as RandomStream draws them: 24 bits for each element, by its number in
 * [C, H, W] order and the `part` of its image. Four points share a block of random words.
 */
template <typename Body>
void over_random(const Grid& g, const uint32_t* key, const uint64_t* part, const Body& body) {
  const U32 u;
  const int64_t step = lanes();
  parallel(g.images * g.blocks, 1, [&](int64_t begin, int64_t end) {
    const Body mine = body;  // on this stack, where no store can change it: its constants stay in registers
    const auto channel_step = hn::Set(u, static_cast<uint32_t>(g.points / 4));
    for (int64_t i = begin; i < end; ++i) {
      const uint64_t p = part[i / g.blocks];
      const int64_t base = i * g.points * g.lanes;
      for (int64_t l = 0; l < g.lanes; l += step) {
        const uint32_t channel = static_cast<uint32_t>(i % g.blocks * g.lanes + l);
        const auto first = hn::Mul(hn::Iota(u, channel), channel_step);
        for (int64_t point = 0; point < g.points; point += 4) {
          hn::Vec<U32> c[4] = {hn::Add(first, hn::Set(u, static_cast<uint32_t>(point / 4))), hn::Zero(u),
                               hn::Set(u, static_cast<uint32_t>(p)), hn::Set(u, static_cast<uint32_t>(p >> 32))};
          philox(c, key[0], key[1]);
          for (int64_t w = 0; w < 4; ++w)
            mine(base + (point + w) * g.lanes + l, hn::BitCast(hn::Rebind<int32_t, F>(), hn::ShiftRight<8>(c[w])));
        }
      }
    }
  });
}

using Numbers = hn::Vec<hn::Rebind<int32_t, F>>;

template <typename T>
void dropout_typed(const Grid& g, const T* x, const uint32_t* key, const uint64_t* part, uint32_t threshold, float scale, T* y) {
  over_random(g, key, part, [=](int64_t at, Numbers number) HWY_ATTR {
    const auto below = hn::Set(hn::Rebind<int32_t, F>(), static_cast<int32_t>(threshold) - 1);
    store(hn::IfThenElseZero(hn::RebindMask(f, hn::Gt(number, below)), hn::Mul(load(x + at), hn::Set(f, scale))), y + at);
  });
}

template <typename T>
void random_slope_typed(const Grid& g, const T* sign, const T* x, const uint32_t* key, const uint64_t* part, float lower, float upper,
                        T* y) {
  over_random(g, key, part, [=, range = (upper - lower) * 0x1p-24f](int64_t at, Numbers number) HWY_ATTR {
    const V slope = hn::MulAdd(hn::ConvertTo(f, number), hn::Set(f, range), hn::Set(f, lower));
    const V v = load(x + at);
    store(hn::IfThenElse(hn::Gt(load(sign + at), hn::Zero(f)), v, hn::Mul(v, slope)), y + at);
  });
}

void Dropout(const Grid& g, const void* x, const uint32_t* key, const uint64_t* part, uint32_t threshold, float scale, void* y) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(dropout_typed<T>(g, CONVSCOPE_C(x), key, part, threshold, scale, CONVSCOPE_M(y)))
}
void RandomSlope(const Grid& g, const void* sign, const void* x, const uint32_t* key, const uint64_t* part, float lower, float upper,
                 void* y) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(random_slope_typed<T>(g, CONVSCOPE_C(sign), CONVSCOPE_C(x), key, part, lower, upper, CONVSCOPE_M(y)))
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(Dropout);
HWY_EXPORT(RandomSlope);

void dropout(const Grid& g, const void* x, const uint32_t* key, const uint64_t* part, uint32_t threshold, float scale, void* y) {
  HWY_DYNAMIC_DISPATCH(Dropout)(g, x, key, part, threshold, scale, y);
}
void random_slope(const Grid& g, const void* sign, const void* x, const uint32_t* key, const uint64_t* part, float lower, float upper,
                  void* y) {
  HWY_DYNAMIC_DISPATCH(RandomSlope)(g, sign, x, key, part, lower, upper, y);
}

}  // namespace convscope::kernels
#endif  // HWY_ONCE

#pragma once

// Tiles of AMX and what brings numbers into their form, for the sources that multiply by them.

#if defined(__x86_64__) && defined(__linux__)
#define CONVSCOPE_HAS_AMX 1

#include <hwy/base.h>
#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "convscope/base/threads.h"
#include "convscope/engine/kernels/amx.h"

/** What follows is compiled for processors with AMX, whatever the rest of the program is compiled for. */
#define CONVSCOPE_AMX_BEGIN HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16")
#define CONVSCOPE_AMX_END HWY_POP_ATTRIBUTES

#if defined(__GNUC__) && !defined(__clang__)
// GCC's intrinsics leave what a mask does not take undefined on purpose (its bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

CONVSCOPE_AMX_BEGIN
namespace convscope::kernels::amx {

using Bf16 = uint16_t;

/** Blocks of 16 channels, the last of which may be filled up with zeros. */
constexpr int64_t blocks_of(int64_t channels) { return (channels + 15) / 16; }

constexpr int64_t kTile = 512;        // bf16 numbers of a tile: 16 rows of 64 bytes
constexpr int64_t kTileBytes = 1024;  // likewise of 16 × 16 fp32
constexpr int64_t kWarm = 32;         // products between two stores of tiles, see `Warm`

// The compilers' own intrinsics take numbers of tiles as text, and do not say that they touch memory.
template <int tile>
inline void load(const void* from, int64_t row_bytes = 64) {
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(row_bytes), "i"(tile) : "memory");
}
template <int tile>
inline void store(void* to, int64_t row_bytes = 64) {
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(row_bytes), "i"(tile) : "memory");
}
template <int tile>
inline void zero() {
  asm volatile("tilezero %%tmm%c0" ::"i"(tile));
}
/** sums[m][n] += Σ a[m][2 p + q] b[p][n][q] over pairs p and q = 0, 1. */
template <int sums, int a, int b>
inline void multiply() {
  asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(sums), "i"(a), "i"(b));
}

/** All eight tiles at their full size for the calling thread, until this ends. */
class Tiles {
 public:
  Tiles() {
    asm volatile("sttilecfg %0" : "=m"(before_));
    Config all;
    for (int i = 0; i < 8; ++i) {
      all.rows[i] = 16;
      all.row_bytes[i] = 64;
    }
    asm volatile("ldtilecfg %0" ::"m"(all));
  }
  ~Tiles() { asm volatile("ldtilecfg %0" ::"m"(before_)); }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;

 private:
  struct alignas(64) Config {
    uint8_t palette = 1, start = 0, reserved[14] = {};
    uint16_t row_bytes[16] = {};
    uint8_t rows[16] = {};
  };
  Config before_;
};

/** A store of a tile costs some 1000 cycles where none came in the 2000 cycles before: a needless one, now and then, is far cheaper. */
class Warm {
 public:
  void after(int64_t products) {
    if ((since_ += products) < kWarm) return;
    store<7>(nowhere_);
    since_ = 0;
  }

 private:
  int64_t since_ = 0;
  alignas(64) std::byte nowhere_[kTileBytes];
};

/** Rows of a and b in turns, as pairs: [16 of a][16 of b] and the 16 behind them. */
inline void interleave(__m512i a, __m512i b, Bf16* low, Bf16* high) {
  alignas(64) static constexpr uint16_t kLow[32] = {0, 32, 1, 33, 2,  34, 3,  35, 4,  36, 5,  37, 6,  38, 7,  39,
                                                    8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47};
  const __m512i first = _mm512_load_si512(kLow), behind = _mm512_add_epi16(first, _mm512_set1_epi16(16));
  _mm512_store_si512(low, _mm512_permutex2var_epi16(a, first, b));
  _mm512_store_si512(high, _mm512_permutex2var_epi16(a, behind, b));
}

/** [16 rows][16] of 32 bits with rows and columns changed. `from` is in L1. */
inline void transpose(const void* from, void* to) {
  const auto* s = static_cast<const __m128i*>(from);
  auto* t = static_cast<Bf16*>(to);
  for (int group = 0; group < 4; ++group) {
    __m512i z[4];
    for (int i = 0; i < 4; ++i) {
      const auto quarter = [&](int lane) { return _mm_load_si128(s + (4 * lane + i) * 4 + group); };
      __m512i v = _mm512_castsi128_si512(quarter(0));
      v = _mm512_mask_broadcast_i32x4(v, 0x00f0, quarter(1));
      v = _mm512_mask_broadcast_i32x4(v, 0x0f00, quarter(2));
      z[i] = _mm512_mask_broadcast_i32x4(v, 0xf000, quarter(3));
    }
    const __m512i a0 = _mm512_unpacklo_epi32(z[0], z[1]), a1 = _mm512_unpackhi_epi32(z[0], z[1]);
    const __m512i b0 = _mm512_unpacklo_epi32(z[2], z[3]), b1 = _mm512_unpackhi_epi32(z[2], z[3]);
    Bf16* row = t + 4 * group * 32;
    _mm512_store_si512(row, _mm512_unpacklo_epi64(a0, b0));
    _mm512_store_si512(row + 32, _mm512_unpackhi_epi64(a0, b0));
    _mm512_store_si512(row + 64, _mm512_unpacklo_epi64(a1, b1));
    _mm512_store_si512(row + 96, _mm512_unpackhi_epi64(a1, b1));
  }
}

/** The first `count` of 32 numbers, zeros behind. */
inline __m512i load_some(const Bf16* from, int64_t count) {
  if (count >= 32) return _mm512_loadu_si512(from);
  return _mm512_maskz_loadu_epi16((uint32_t{1} << count) - 1, from);
}

}  // namespace convscope::kernels::amx
CONVSCOPE_AMX_END

#endif  // x86-64

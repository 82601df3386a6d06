#include "convscope/engine/kernels/amx.h"

#include "convscope/base/machine.h"
#include "convscope/engine/kernels/amx-inl.h"

#ifdef CONVSCOPE_HAS_AMX
#include <sys/syscall.h>
#include <unistd.h>

CONVSCOPE_AMX_BEGIN
namespace convscope::kernels {
namespace amx {
namespace {

constexpr int64_t kImages = 16;  // of a tile
constexpr int64_t kPoints = 4;   // of a row of results, that are summed together
constexpr int64_t kItemBytes = 1 << 20;

/** How the points of x and y lie to each other: one to one, two of x to one of y, or one of x to two of y. */
enum class Kind { plain, strided, spread };

Kind kind_of(const Convolution& s) { return s.apart == 2 ? Kind::spread : s.stride == 2 ? Kind::strided : Kind::plain; }

/** Rows [first, end) of x that meet rows [r0, r1) of y. */
struct Rows {
  int64_t first, end;
};
Rows rows_of_x(const Convolution& s, int64_t r0, int64_t r1) {
  const int64_t first = r0 * s.stride - s.pad, last = (r1 - 1) * s.stride + 2 - s.pad;
  return {first <= 0 ? 0 : (first + s.apart - 1) / s.apart, std::min(s.height, last / s.apart + 1)};
}

/**
 * How a convolution is cut up. An item is some rows of results of 16 images; the rows of x that they need are turned into tiles in L2, of
 * so many items that the weights that stream by are well used. Threads share the items.
 */
struct Cut {
  int64_t in, out;  // blocks of 32 channels, where the last may be half; blocks of 16
  int64_t rows;     // of y, of an item
  int64_t items, items_of_images, group, team;

  explicit Cut(const Convolution& s) : in((s.in + 31) / 32), out(s.out / 16) {
    // Small enough for the cache, and so many that no thread is idle.
    for (rows = s.out_height(); rows > 1 && (item_tiles(s) * kTileBytes > kItemBytes || items_by_rows(s) < threads()); --rows) {
    }
    items_of_images = (s.out_height() + rows - 1) / rows;
    items = items_by_rows(s);
    team = std::min<int64_t>(threads(), items);
    group = std::clamp<int64_t>(kItemBytes / (item_tiles(s) * kTileBytes), 1, std::max<int64_t>(1, items / team));
  }
  int64_t items_by_rows(const Convolution& s) const { return (s.images + kImages - 1) / kImages * ((s.out_height() + rows - 1) / rows); }
  int64_t item_tiles(const Convolution& s) const { return std::min(s.height, ((rows - 1) * s.stride + 2) / s.apart + 1) * s.width * in; }
  size_t scratch(const Convolution& s) const { return static_cast<size_t>(group * item_tiles(s) * kTileBytes); }
};

/** Rows of 16 images of x into tiles [row][32 channels][column][16 images][32]. */
void into_tiles(const Convolution& s, const Cut& cut, const Bf16* x, int64_t n, const Rows& rows, Bf16* to) {
  const int64_t images = std::min(kImages, s.images - n), row = s.width * s.in, image = s.height * row;
  for (int64_t r = rows.first; r < rows.end; ++r)
    for (int64_t p = 0; p < s.width; ++p)
      for (int64_t c = 0; c < cut.in; ++c) {
        const Bf16* from = x + n * image + r * row + p * s.in + c * 32;
        Bf16* tile = to + (((r - rows.first) * cut.in + c) * s.width + p) * kTile;
        if (const int64_t channels = s.in - c * 32; images == kImages && channels >= 32) {
          for (int64_t m = 0; m < kImages; ++m) _mm512_store_si512(tile + m * 32, _mm512_loadu_si512(from + m * image));
        } else {
          for (int64_t m = 0; m < kImages; ++m)
            _mm512_store_si512(tile + m * 32, m < images ? load_some(from + m * image, channels) : _mm512_setzero_si512());
        }
      }
}

/** Results that are made together: `count` points of a row, of 16 images and 16 or 32 channels. */
struct Segment {
  int64_t row, column, count;
  int64_t channel, channels;
};

/** The point of a segment that input `input` of a row of x adds to in a tap; one outside of the segment if to none. */
constexpr int point_of(Kind kind, int input, int tap) {
  if (kind == Kind::plain) return input - tap;
  if (kind == Kind::spread) return 2 * input + 1 - tap;
  return (input - tap) % 2 == 0 ? (input - tap) / 2 : -1;
}
constexpr int inputs_of(Kind kind, int count) {
  return kind == Kind::plain ? count + 2 : kind == Kind::spread ? count / 2 + 1 : 2 * count + 1;
}
template <Kind kind, int count, int input, int tap>
inline void add_tap() {
  constexpr int point = point_of(kind, input, tap);
  if constexpr (point >= 0 && point < count) multiply<point, 4, 5 + tap>();
}
/** The inputs from `input` on of a row of x into the sums of a segment, in tiles 0 to 3; the weights of a tap row are in 5 to 7. */
template <Kind kind, int count, int input = 0>
inline void add_row(const Bf16* x, int64_t column, int64_t width) {
  if constexpr (input < inputs_of(kind, count)) {
    if (const int64_t at = column + input; at >= 0 && at < width) {
      load<4>(x + at * kTile);
      add_tap<kind, count, input, 1>();
      add_tap<kind, count, input, 2>();
      add_tap<kind, count, input, 0>();
    }
    add_row<kind, count, input + 1>(x, column, width);
  }
}

/** Where y's numbers lie, from those of one image, point and channel on. */
struct Target {
  Bf16* y;
  int64_t image, images;  // step, count
  int64_t point;
};

/** The sums of a segment's 16 channels, [point][image][16], over the whole of x's channels. */
template <Kind kind, int count>
void sum(const Convolution& s, const Cut& cut, const Bf16* x, int64_t x_first, const Segment& at, const Bf16* weights, const Target& target,
         int64_t& fetched, float* sums, Warm& warm) {
  zero<0>();
  zero<1>();
  zero<2>();
  zero<3>();
  const int64_t column = kind == Kind::spread ? at.column / 2 : at.column * s.stride - s.pad;
  const int64_t lines = 14 / cut.in + 1;
  for (int64_t tap_row = 0; tap_row < 3; ++tap_row) {
    const int64_t place = at.row * s.stride + tap_row - s.pad, r = place / s.apart;
    if (place < 0 || place % s.apart != 0 || r >= s.height) continue;
    const Bf16* line = x + (r - x_first) * cut.in * s.width * kTile;
    const Bf16* w = weights + tap_row * cut.in * 3 * kTile;
    for (int64_t c = 0; c < cut.in; ++c, w += 3 * kTile, line += s.width * kTile) {
      load<5>(w);
      load<6>(w + kTile);
      load<7>(w + 2 * kTile);
      add_row<kind, count>(line, column, s.width);
      // The lines of the results are called for meanwhile: maps beyond L2 wait for them otherwise.
      for (int64_t i = 0; i < lines && fetched < count * kImages; ++i, ++fetched) {
        const int64_t image = std::min(fetched % kImages, target.images - 1);
        __builtin_prefetch(target.y + fetched / kImages * target.point + image * target.image, 1, 2);
      }
      warm.after(3 * count);
    }
  }
  store<0>(sums);
  if constexpr (count > 1) store<1>(sums + 256);
  if constexpr (count > 2) store<2>(sums + 512);
  if constexpr (count > 3) store<3>(sums + 768);
}

inline __m512 widened(__m256i bf16) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bf16), 16)); }

/** The rest of the epilogue for 16 channels. */
inline __m512 finished(__m512 v, const float* bias, const Bf16* residual, bool relu) {
  if (bias) v = _mm512_add_ps(v, _mm512_loadu_ps(bias));
  if (residual) v = _mm512_add_ps(v, widened(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(residual))));
  if (relu) v = _mm512_max_ps(_mm512_setzero_ps(), v);  // the second where one is NaN
  return v;
}

template <Kind kind, int count>
void convolve_segment(const Convolution& s, const Cut& cut, const Bf16* x, int64_t x_first, const Segment& at, const Bf16* weights,
                      const Epilogue& e, const Target& target, Warm& warm) {
  alignas(64) float sums[2][kPoints * 256];
  const bool whole = at.channels == 32, plain = !e.bias && !e.residual && !e.relu;
  int64_t fetched = 0;
  sum<kind, count>(s, cut, x, x_first, at, weights, target, fetched, sums[0], warm);
  if (whole) sum<kind, count>(s, cut, x, x_first, at, weights + 9 * cut.in * kTile, target, fetched, sums[1], warm);
  const auto* residual = static_cast<const Bf16*>(e.residual);
  for (int64_t o = 0; o < count; ++o)
    for (int64_t m = 0; m < target.images; ++m) {
      const int64_t offset = o * target.point + m * target.image;
      __m512 low = _mm512_load_ps(sums[0] + o * 256 + m * 16);
      if (!plain) low = finished(low, e.bias ? e.bias + at.channel : nullptr, residual ? residual + offset : nullptr, e.relu);
      if (!whole) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(target.y + offset), reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(low)));
        continue;
      }
      __m512 high = _mm512_load_ps(sums[1] + o * 256 + m * 16);
      if (!plain) high = finished(high, e.bias ? e.bias + at.channel + 16 : nullptr, residual ? residual + offset + 16 : nullptr, e.relu);
      _mm512_storeu_si512(target.y + offset, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low)));
    }
}

/** Items [first, end), of which x's tiles are made here. */
template <Kind kind>
void convolve(const Convolution& s, const Cut& cut, int64_t first, int64_t end, const Bf16* x, const Bf16* weights, const Epilogue& e,
              Bf16* y, Bf16* scratch) {
  const Tiles all;
  Warm warm;
  const int64_t y_row = s.out_width() * s.out, y_image = s.out_height() * y_row;
  for (int64_t group = first; group < end; group += cut.group) {
    const int64_t group_end = std::min(end, group + cut.group);
    const auto images_of = [&](int64_t item) { return item / cut.items_of_images * kImages; };
    const auto rows_of = [&](int64_t item) {
      const int64_t r0 = item % cut.items_of_images * cut.rows;
      return Rows{r0, std::min(s.out_height(), r0 + cut.rows)};
    };
    const auto tiles_of = [&](int64_t item) { return scratch + (item - group) * cut.item_tiles(s) * kTile; };
    for (int64_t item = group; item < group_end; ++item)
      into_tiles(s, cut, x, images_of(item), rows_of_x(s, rows_of(item).first, rows_of(item).end), tiles_of(item));
    for (int64_t k = 0; k < cut.out; k += 2)
      for (int64_t item = group; item < group_end; ++item) {
        const int64_t n = images_of(item), x_first = rows_of_x(s, rows_of(item).first, rows_of(item).end).first;
        for (int64_t r = rows_of(item).first; r < rows_of(item).end; ++r)
          for (int64_t column = 0; column < s.out_width(); column += kPoints) {
            const Segment at{r, column, std::min(kPoints, s.out_width() - column), k * 16, std::min<int64_t>(2, cut.out - k) * 16};
            const int64_t offset = n * y_image + r * y_row + column * s.out + at.channel;
            const Target target{y + offset, y_image, std::min(kImages, s.images - n), s.out};
            Epilogue here = e;
            if (e.residual) here.residual = static_cast<const Bf16*>(e.residual) + offset;
            constexpr decltype(&convolve_segment<kind, 1>) kBy[] = {convolve_segment<kind, 1>, convolve_segment<kind, 2>,
                                                                    convolve_segment<kind, 3>, convolve_segment<kind, 4>};
            kBy[at.count - 1](s, cut, tiles_of(item), x_first, at, weights + k * 9 * cut.in * kTile, here, target, warm);
          }
      }
  }
}

/** Two rows of 16 fp32 numbers as pairs of bf16. */
inline __m512i pairs(__m512 even, __m512 odd) {
  const __m512i low = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(even)));
  const __m512i high = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(odd)));
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

/** Half a tile of weights, [8 pairs of 16 inputs][16 outputs][2], from [16 of in][16 of out]. */
void pack(const float* w, Bf16* half) {
  for (int64_t p = 0; p < 8; ++p)
    _mm512_store_si512(half + p * 32, pairs(_mm512_loadu_ps(w + 2 * p * 16), _mm512_loadu_ps(w + (2 * p + 1) * 16)));
}
/** Likewise of the convolution turned round, from [16 of out][16 of in] as it sees them; whole tiles, as `second` may be none. */
void pack_turned(const float* w, const float* second, Bf16* tile) {
  alignas(64) Bf16 rows[kTile];
  for (int64_t i = 0; i < 16; ++i) {
    const __m512 behind = second ? _mm512_loadu_ps(second + i * 16) : _mm512_setzero_ps();
    _mm512_store_si512(rows + i * 32, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(behind, _mm512_loadu_ps(w + i * 16))));
  }
  transpose(rows, tile);
}

/** The weights of outputs [16 k, 16 k + 16) as tiles [tap row][32 inputs][tap]. */
void pack_output(const Convolution& s, const Cut& cut, const float* w, bool turned, int64_t k, Bf16* to) {
  const int64_t in = blocks_of(s.in);
  for (int64_t tap_row = 0; tap_row < 3; ++tap_row)
    for (int64_t c = 0; c < cut.in; ++c)
      for (int64_t tap = 0; tap < 3; ++tap) {
        Bf16* tile = to + ((tap_row * cut.in + c) * 3 + tap) * kTile;
        const bool both = 2 * c + 1 < in;
        const int64_t place = tap_row * 3 + tap;
        const auto block = [&](int64_t i) { return w + (turned ? (i * cut.out + k) * 9 + 8 - place : (k * in + i) * 9 + place) * 256; };
        if (turned) {
          pack_turned(block(2 * c), both ? block(2 * c + 1) : nullptr, tile);
          continue;
        }
        pack(block(2 * c), tile);
        if (both) {
          pack(block(2 * c + 1), tile + kTile / 2);
        } else {
          std::memset(tile + kTile / 2, 0, kTileBytes / 2);
        }
      }
}

}  // namespace
}  // namespace amx

size_t amx_weights_bytes(const Convolution& s) {
  const amx::Cut cut(s);
  return static_cast<size_t>(cut.out * cut.in * 9 * amx::kTileBytes);
}

void amx_weights(const Convolution& s, const float* w, bool turned, void* tiles) {
  const amx::Cut cut(s);
  parallel(cut.out, 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k)
      amx::pack_output(s, cut, w, turned, k, static_cast<amx::Bf16*>(tiles) + k * 9 * cut.in * amx::kTile);
  });
}

size_t amx_scratch_bytes(const Convolution& s) {
  const amx::Cut cut(s);
  return static_cast<size_t>(cut.team) * cut.scratch(s);
}

void amx_convolve(const Convolution& s, const void* x, const void* tiles, const Epilogue& epilogue, void* y, void* scratch) {
  using amx::Bf16;
  const amx::Cut cut(s);
  const auto part = [&](int64_t rank) { return cut.items * rank / cut.team; };
  const auto kind = amx::kind_of(s);
  const auto convolve = kind == amx::Kind::plain     ? amx::convolve<amx::Kind::plain>
                        : kind == amx::Kind::strided ? amx::convolve<amx::Kind::strided>
                                                     : amx::convolve<amx::Kind::spread>;
  parallel(cut.team, 1, [&](int64_t begin, int64_t end) {
    for (int64_t rank = begin; rank < end; ++rank)
      convolve(s, cut, part(rank), part(rank + 1), static_cast<const Bf16*>(x), static_cast<const Bf16*>(tiles), epilogue,
               static_cast<Bf16*>(y),
               reinterpret_cast<Bf16*>(static_cast<std::byte*>(scratch) + static_cast<size_t>(rank) * cut.scratch(s)));
  });
}

}  // namespace convscope::kernels
CONVSCOPE_AMX_END

namespace convscope::kernels {

// Every processor comes here, so it is compiled for every one.
bool amx_runs() {
  constexpr int kRequest = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  static const bool runs = machine().amx && syscall(SYS_arch_prctl, kRequest, kTileData) == 0;
  return runs;
}

}  // namespace convscope::kernels

#else

namespace convscope::kernels {

bool amx_runs() { return false; }
// Nobody calls these where it does not run.
size_t amx_weights_bytes(const Convolution&) { return 0; }
void amx_weights(const Convolution&, const float*, bool, void*) {}
size_t amx_scratch_bytes(const Convolution&) { return 0; }
void amx_convolve(const Convolution&, const void*, const void*, const Epilogue&, void*, void*) {}
size_t amx_gradient_scratch_bytes(const Convolution&) { return 0; }
void amx_weight_gradient(const Convolution&, const void*, const void*, float*, void*) {}

}  // namespace convscope::kernels

#endif

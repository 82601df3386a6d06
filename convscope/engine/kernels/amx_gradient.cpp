#include "convscope/engine/kernels/amx-inl.h"

#ifdef CONVSCOPE_HAS_AMX
CONVSCOPE_AMX_BEGIN
namespace convscope::kernels {
namespace amx {
namespace {

constexpr int64_t kImages = 32;              // of a tile: what is summed by one product
constexpr int64_t kChunkBytes = 1250 << 10;  // of tiles that are worked on together

/**
 * How the sums are cut up. A chunk is some rows of 32 images of x with the rows of dy that meet them, turned into tiles in L2. Threads
 * share the chunks, each with sums of its own, where these are small, and x's channels otherwise.
 */
struct Cut {
  int64_t in, out;         // blocks of 16 channels
  int64_t rows, out_rows;  // of x and of dy that are tiles at a time
  int64_t chunks, chunks_of_images;
  int64_t team;
  bool by_channels;

  explicit Cut(const Convolution& s) : in(blocks_of(s.in)), out(s.out / 16) {
    by_channels = weights(s) * sizeof(float) > (1 << 20);
    // Small enough for the cache, and so many that no thread is idle.
    const auto too_few = [&] { return !by_channels && chunks_by_rows(s) < threads(); };
    for (rows = s.height; rows > s.stride && (tiles(s) * kTileBytes > kChunkBytes || too_few()); --rows) {
    }
    out_rows = rows_of_dy(s);
    chunks_of_images = (s.height + rows - 1) / rows;
    chunks = chunks_by_rows(s);
    team = std::min<int64_t>(threads(), by_channels ? in : chunks);
  }
  int64_t chunks_by_rows(const Convolution& s) const { return (s.images + kImages - 1) / kImages * ((s.height + rows - 1) / rows); }
  int64_t rows_of_dy(const Convolution& s) const { return std::min(s.out_height(), (rows + 1) / s.stride + 2); }
  int64_t tiles(const Convolution& s) const { return rows * columns_of_x(s) * in + rows_of_dy(s) * s.out_width() * out; }
  /** Of a row of x: those that no tap meets are left out. */
  static int64_t columns_of_x(const Convolution& s) { return s.kernel == 1 ? s.out_width() : s.width; }
  size_t weights(const Convolution& s) const { return static_cast<size_t>(in * out * s.kernel * s.kernel * 256); }
  size_t tile_bytes(const Convolution& s) const { return static_cast<size_t>(tiles(s) * kTileBytes); }
};

/** Pairs of images by channels, [16 pairs][16 channels][2], of 32 channels at one point; some of images and channels may be missing. */
template <bool all>
inline void pairs_of_images(const Bf16* from, int64_t image, int64_t images, int64_t channels, Bf16* low, Bf16* high) {
  for (int64_t i = 0; i < 16; ++i) {
    const Bf16* line = from + 2 * i * image;
    if constexpr (all) {
      interleave(_mm512_loadu_si512(line), _mm512_loadu_si512(line + image), low + i * 32, high + i * 32);
    } else {
      const __m512i even = 2 * i < images ? load_some(line, channels) : _mm512_setzero_si512();
      const __m512i odd = 2 * i + 1 < images ? load_some(line + image, channels) : _mm512_setzero_si512();
      interleave(even, odd, low + i * 32, high + i * 32);
    }
  }
}

/**
 * Points, `step` numbers apart, of 32 images, channels [first, end), into tiles: pairs of images by channels (dy), or channels by images
 * (x). Those of the next 16 channels are `block` away.
 */
template <bool by_images>
void into_tiles(const Bf16* from, int64_t image, int64_t images, int64_t step, int64_t first, int64_t end, int64_t points, Bf16* to,
                int64_t block) {
  alignas(64) Bf16 turned[2][kTile];
  for (int64_t p = 0; p < points; ++p)
    for (int64_t c = first; c < end; c += 32) {
      Bf16* low = to + (c - first) / 16 * block + p * kTile;
      Bf16* high = c + 16 < end ? low + block : turned[1];
      const auto pairs = images == kImages && c + 32 <= end ? pairs_of_images<true> : pairs_of_images<false>;
      if constexpr (by_images) {
        pairs(from + p * step + c, image, images, end - c, turned[0], turned[1]);
        transpose(turned[0], low);
        if (c + 16 < end) transpose(turned[1], high);
      } else {
        pairs(from + p * step + c, image, images, end - c, low, high);
      }
    }
}

/** Of the rows of tiles that meet in a tap row. */
struct Line {
  int64_t in, out, pad;  // columns of x, of dy
};

/** Column i of x meets dy's i + pad, i + pad − 1 and i + pad − 2 in taps 0 to 2, of which only the first is new: dy's stay in tiles 3 to 5.
 */
template <int slot>
inline void column(const Bf16* x, const Bf16* dy, int64_t i, const Line& line) {
  const int64_t q = i + line.pad;
  load<6>(x + i * kTile);
  if (q < line.out) load<3 + slot>(dy + q * kTile);
  if (q >= 1 && q - 1 < line.out) multiply<1, 6, 3 + (slot + 2) % 3>();
  if (q >= 2 && q - 2 < line.out) multiply<2, 6, 3 + (slot + 1) % 3>();
  if (q < line.out) multiply<0, 6, 3 + slot>();
}
inline void add_row(const Bf16* x, const Bf16* dy, const Line& line) {
  if (line.pad >= 1 && line.out > line.pad - 1) load<5>(dy + (line.pad - 1) * kTile);
  if (line.pad >= 2) load<4>(dy);
  for (int64_t i = 0; i < line.in; i += 3) {
    column<0>(x, dy, i, line);
    if (i + 1 < line.in) column<1>(x, dy, i + 1, line);
    if (i + 2 < line.in) column<2>(x, dy, i + 2, line);
  }
}

/** Column o of dy meets x's 2 o − pad (there already, in tile `first`), 2 o + 1 − pad and 2 o + 2 − pad, which stays in `last`. */
template <int first, int last>
inline void column_by_two(const Bf16* x, const Bf16* dy, int64_t o, const Line& line) {
  const int64_t i = 2 * o - line.pad;
  load<6>(dy + o * kTile);
  if (i >= 0) multiply<0, first, 6>();
  if (i + 1 >= 0 && i + 1 < line.in) {
    load<4>(x + (i + 1) * kTile);
    multiply<1, 4, 6>();
  }
  if (i + 2 < line.in) {
    load<last>(x + (i + 2) * kTile);
    multiply<2, last, 6>();
  }
}
inline void add_row_by_two(const Bf16* x, const Bf16* dy, const Line& line) {
  if (line.pad == 0) load<3>(x);
  for (int64_t o = 0; o < line.out; o += 2) {
    column_by_two<3, 5>(x, dy, o, line);
    if (o + 1 < line.out) column_by_two<5, 3>(x, dy, o + 1, line);
  }
}

/** The work of one thread: chunks [first, end), channels [in_first, in_end) of x in blocks. */
struct Share {
  int64_t first, end, in_first, in_end;
};

/** A chunk's tiles: of x [channels][rows][columns], of dy [row mod out_rows][channels][columns]. */
struct Chunk {
  const Bf16 *x, *dy;
  int64_t r0, r1;  // rows of x
  bool first;      // of this thread: nothing is summed yet
};

/** Its sums for a kernel of 3 × 3, from the thread's first channel on. */
void add_3x3(const Convolution& s, const Cut& cut, const Chunk& chunk, int64_t in, float* dw, Warm& warm) {
  const int64_t x_block = cut.rows * s.width * kTile, dy_block = s.out_width() * kTile;
  const Line line{s.width, s.out_width(), s.pad};
  for (int64_t k = 0; k < cut.out; ++k)  // in the order of dw in memory
    for (int64_t c = 0; c < in; ++c)
      for (int64_t tap_row = 0; tap_row < 3; ++tap_row) {
        float* sums = dw + ((k * cut.in + c) * 9 + tap_row * 3) * 256;
        if (chunk.first) {
          zero<0>();
          zero<1>();
          zero<2>();
        } else {
          load<0>(sums);
          load<1>(sums + 256);
          load<2>(sums + 512);
        }
        for (int64_t r = chunk.r0; r < chunk.r1; ++r) {
          const int64_t at = r + s.pad - tap_row;
          if (at < 0 || at % s.stride != 0 || at / s.stride >= s.out_height()) continue;
          const Bf16* x = chunk.x + c * x_block + (r - chunk.r0) * s.width * kTile;
          const Bf16* dy = chunk.dy + (at / s.stride % cut.out_rows * cut.out + k) * dy_block;
          if (s.stride == 1) {
            add_row(x, dy, line);
          } else {
            add_row_by_two(x, dy, line);
          }
          warm.after(3 * s.out_width());
        }
        store<0>(sums);
        store<1>(sums + 256);
        store<2>(sums + 512);
      }
}

/** Sums of blocks (c, k), (c, k + 1), (c + 1, k) and (c + 1, k + 1) of a kernel of 1 × 1, as far as there are so many. */
template <int channels, int outputs>
void add_blocks(const Convolution& s, const Cut& cut, const Chunk& chunk, int64_t c, int64_t k, float* dw, Warm& warm) {
  const int64_t points = s.out_width(), x_block = cut.rows * points * kTile, dy_block = points * kTile;
  float *k0 = dw + (k * cut.in + c) * 256, *k1 = k0 + cut.in * 256;
  if (chunk.first) {
    zero<0>();
    zero<1>();
    zero<2>();
    zero<3>();
  } else {
    load<0>(k0);
    if constexpr (outputs > 1) load<1>(k1);
    if constexpr (channels > 1) load<2>(k0 + 256);
    if constexpr (channels > 1 && outputs > 1) load<3>(k1 + 256);
  }
  for (int64_t r = chunk.r0; r < chunk.r1; ++r) {
    if (r % s.stride != 0) continue;
    const Bf16* x = chunk.x + c * x_block + (r - chunk.r0) * points * kTile;
    const Bf16* dy = chunk.dy + (r / s.stride % cut.out_rows * cut.out + k) * dy_block;
    for (int64_t p = 0; p < points; ++p) {
      load<4>(x + p * kTile);
      load<6>(dy + p * kTile);
      multiply<0, 4, 6>();
      if constexpr (outputs > 1) {
        load<7>(dy + dy_block + p * kTile);
        multiply<1, 4, 7>();
      }
      if constexpr (channels > 1) {
        load<5>(x + x_block + p * kTile);
        multiply<2, 5, 6>();
      }
      if constexpr (channels > 1 && outputs > 1) multiply<3, 5, 7>();
    }
    warm.after(channels * outputs * points);
  }
  store<0>(k0);
  if constexpr (outputs > 1) store<1>(k1);
  if constexpr (channels > 1) store<2>(k0 + 256);
  if constexpr (channels > 1 && outputs > 1) store<3>(k1 + 256);
}
void add_1x1(const Convolution& s, const Cut& cut, const Chunk& chunk, int64_t in, float* dw, Warm& warm) {
  for (int64_t k = 0; k < cut.out; k += 2)
    for (int64_t c = 0; c < in; c += 2) {
      const bool two_in = c + 1 < in, two_out = k + 1 < cut.out;
      const auto add = two_in ? (two_out ? add_blocks<2, 2> : add_blocks<2, 1>) : (two_out ? add_blocks<1, 2> : add_blocks<1, 1>);
      add(s, cut, chunk, c, k, dw, warm);
    }
}

/** The sums of a thread's share, dw [out / 16][in / 16][kernel²][16][16]. */
void add_chunks(const Convolution& s, const Cut& cut, const Share& mine, const Bf16* x, const Bf16* dy, float* dw, Bf16* scratch) {
  const Tiles all;
  Warm warm;
  const int64_t x_row = s.width * s.in, x_image = s.height * x_row, dy_row = s.out_width() * s.out, dy_image = s.out_height() * dy_row;
  const int64_t columns = Cut::columns_of_x(s), x_block = cut.rows * columns * kTile, dy_block = s.out_width() * kTile;
  const int64_t in = mine.in_end - mine.in_first, last_tap = s.kernel - 1;
  const int64_t x_step = s.kernel == 1 ? s.stride * s.in : s.in;
  Bf16 *x_tiles = scratch, *dy_tiles = x_tiles + in * x_block;
  int64_t ready = 0;  // rows of dy of these images before that one are tiles
  for (int64_t i = mine.first; i < mine.end; ++i) {
    const int64_t n = i / cut.chunks_of_images * kImages, images = std::min(kImages, s.images - n);
    const int64_t r0 = i % cut.chunks_of_images * cut.rows, r1 = std::min(s.height, r0 + cut.rows);
    // Row r of x meets row d of dy in tap row r + pad − stride · d.
    const int64_t d0 = std::max<int64_t>(0, (r0 + s.pad - last_tap + s.stride - 1) / s.stride);
    const int64_t d1 = std::min(s.out_height(), (r1 - 1 + s.pad) / s.stride + 1);
    if (i == mine.first || r0 == 0) ready = d0;
    for (int64_t r = r0; r < r1; ++r) {
      if (s.kernel == 1 && r % s.stride != 0) continue;
      into_tiles<true>(x + n * x_image + r * x_row, x_image, images, x_step, mine.in_first * 16, std::min(s.in, mine.in_end * 16), columns,
                       x_tiles + (r - r0) * columns * kTile, x_block);
    }
    for (ready = std::max(ready, d0); ready < d1; ++ready)
      into_tiles<false>(dy + n * dy_image + ready * dy_row, dy_image, images, s.out, 0, s.out, s.out_width(),
                        dy_tiles + ready % cut.out_rows * cut.out * dy_block, dy_block);
    const Chunk chunk{x_tiles, dy_tiles, r0, r1, i == mine.first};
    (s.kernel == 1 ? add_1x1 : add_3x3)(s, cut, chunk, in, dw + mine.in_first * s.kernel * s.kernel * 256, warm);
  }
}

}  // namespace
}  // namespace amx

size_t amx_gradient_scratch_bytes(const Convolution& s) {
  const amx::Cut cut(s);
  const size_t sums = cut.by_channels ? 0 : static_cast<size_t>(cut.team - 1) * cut.weights(s) * sizeof(float);
  return static_cast<size_t>(cut.team) * cut.tile_bytes(s) + sums;
}

void amx_weight_gradient(const Convolution& s, const void* x, const void* dy, float* dw, void* scratch) {
  using amx::Bf16;
  const amx::Cut cut(s);
  auto* tiles = static_cast<std::byte*>(scratch);
  auto* sums = reinterpret_cast<float*>(tiles + static_cast<size_t>(cut.team) * cut.tile_bytes(s));
  const auto sums_of = [&](int64_t rank) {
    return cut.by_channels || rank == 0 ? dw : sums + static_cast<size_t>(rank - 1) * cut.weights(s);
  };
  parallel(cut.team, 1, [&](int64_t begin, int64_t end) {
    for (int64_t rank = begin; rank < end; ++rank) {
      const auto part = [&](int64_t of, int64_t which) { return of * which / cut.team; };
      const amx::Share mine = cut.by_channels ? amx::Share{0, cut.chunks, part(cut.in, rank), part(cut.in, rank + 1)}
                                              : amx::Share{part(cut.chunks, rank), part(cut.chunks, rank + 1), 0, cut.in};
      amx::add_chunks(s, cut, mine, static_cast<const Bf16*>(x), static_cast<const Bf16*>(dy), sums_of(rank),
                      reinterpret_cast<Bf16*>(tiles + static_cast<size_t>(rank) * cut.tile_bytes(s)));
    }
  });
  if (cut.by_channels || cut.team == 1) return;
  parallel(static_cast<int64_t>(cut.weights(s)), 1 << 14, [&](int64_t begin, int64_t end) {
    for (int64_t rank = 1; rank < cut.team; ++rank)
      for (int64_t i = begin; i < end; ++i) dw[i] += sums_of(rank)[i];
  });
}

}  // namespace convscope::kernels
CONVSCOPE_AMX_END
#endif

#include "convscope/engine/kernels/winograd.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "convscope/base/threads.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/winograd.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include <hwy/cache_control.h>

#include "convscope/engine/kernels/grid-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

constexpr int kLanes = static_cast<int>(hn::MaxLanes(f));
constexpr int kPlaces = 36;                   // of a tile: 6 × 6 in, 4 × 4 out
constexpr int kRows = kLanes == 16 ? 14 : 6;  // tiles of a multiplication: 14 × 2 sums, 2 weights and a value fill 32 registers
constexpr int64_t kHalfL2 = 1 << 18;          // floats

// The points are 0, ±a, ±b, ∞. With these a and b the rms error is half, the worst error a third of what it is with 1 and 2.
constexpr float a = 0.625f, b = 1.5f, a2 = a * a, b2 = b * b, a3 = a2 * a, b3 = b2 * b;
constexpr double kA2 = 0.390625, kB2 = 2.25;
constexpr auto f0 = static_cast<float>(1 / (kA2 * kB2)), fa = static_cast<float>(1 / (2 * kA2 * (kA2 - kB2))),
               fb = static_cast<float>(1 / (2 * kB2 * (kB2 - kA2)));

HWY_INLINE V number(float v) { return hn::Set(f, v); }

// One dimension of each transform; the same matrices serve a convolution and, transposed, its gradient for the weights.

/** Bᵀ: 6 → 6. */
struct InputLine {
  static HWY_INLINE void of(const V* i, V* o) {
    const V ua = hn::NegMulAdd(number(b2), i[2], i[4]), va = hn::Mul(number(a), hn::NegMulAdd(number(b2), i[1], i[3]));
    const V ub = hn::NegMulAdd(number(a2), i[2], i[4]), vb = hn::Mul(number(b), hn::NegMulAdd(number(a2), i[1], i[3]));
    o[0] = hn::MulAdd(number(a2 * b2), i[0], hn::NegMulAdd(number(a2 + b2), i[2], i[4]));
    o[1] = hn::Add(ua, va);
    o[2] = hn::Sub(ua, va);
    o[3] = hn::Add(ub, vb);
    o[4] = hn::Sub(ub, vb);
    o[5] = hn::MulAdd(number(a2 * b2), i[1], hn::NegMulAdd(number(a2 + b2), i[3], i[5]));
  }
};
/** Aᵀ: 6 → 4. */
struct OutputLine {
  static HWY_INLINE void of(const V* i, V* o) {
    const V sa = hn::Add(i[1], i[2]), da = hn::Sub(i[1], i[2]), sb = hn::Add(i[3], i[4]), db = hn::Sub(i[3], i[4]);
    o[0] = hn::Add(i[0], hn::Add(sa, sb));
    o[1] = hn::MulAdd(number(b), db, hn::Mul(number(a), da));
    o[2] = hn::MulAdd(number(b2), sb, hn::Mul(number(a2), sa));
    o[3] = hn::MulAdd(number(b3), db, hn::MulAdd(number(a3), da, i[5]));
  }
};
/** A: 4 → 6. */
struct GradientLine {
  static HWY_INLINE void of(const V* i, V* o) {
    const V ea = hn::MulAdd(number(a2), i[2], i[0]), oa = hn::MulAdd(number(a3), i[3], hn::Mul(number(a), i[1]));
    const V eb = hn::MulAdd(number(b2), i[2], i[0]), ob = hn::MulAdd(number(b3), i[3], hn::Mul(number(b), i[1]));
    o[0] = i[0];
    o[1] = hn::Add(ea, oa);
    o[2] = hn::Sub(ea, oa);
    o[3] = hn::Add(eb, ob);
    o[4] = hn::Sub(eb, ob);
    o[5] = i[3];
  }
};
/** G: 3 → 6. */
struct WeightLine {
  static HWY_INLINE void of(const V* i, V* o) {
    const V ea = hn::MulAdd(number(fa * a2), i[2], hn::Mul(number(fa), i[0])), oa = hn::Mul(number(fa * a), i[1]);
    const V eb = hn::MulAdd(number(fb * b2), i[2], hn::Mul(number(fb), i[0])), ob = hn::Mul(number(fb * b), i[1]);
    o[0] = hn::Mul(number(f0), i[0]);
    o[1] = hn::Add(ea, oa);
    o[2] = hn::Sub(ea, oa);
    o[3] = hn::Add(eb, ob);
    o[4] = hn::Sub(eb, ob);
    o[5] = i[2];
  }
};
/** Gᵀ: 6 → 3. */
struct WeightGradientLine {
  static HWY_INLINE void of(const V* i, V* o) {
    const V sa = hn::Add(i[1], i[2]), da = hn::Sub(i[1], i[2]), sb = hn::Add(i[3], i[4]), db = hn::Sub(i[3], i[4]);
    o[0] = hn::MulAdd(number(fa), sa, hn::MulAdd(number(fb), sb, hn::Mul(number(f0), i[0])));
    o[1] = hn::MulAdd(number(fa * a), da, hn::Mul(number(fb * b), db));
    o[2] = hn::MulAdd(number(fa * a2), sa, hn::MulAdd(number(fb * b2), sb, i[5]));
  }
};

/**
 * Columns, then rows, of a From × From patch into a To × To one, through a buffer in L1. column(c, in) fills in column c or says that it
 * is all zeros; write(place, v) takes the result. Inlined whole: a call for each line would cost a factor of 2 to 3.
 */
template <typename Line, int From, int To, typename Column, typename Write>
HWY_INLINE void transform(const Column& column, const Write& write) {
  HWY_ALIGN float t[To * From * kLanes];
#pragma GCC unroll 6
  for (int c = 0; c < From; ++c) {
    V in[From], out[To];
    if (column(c, in)) {
      Line::of(in, out);
    } else {
#pragma GCC unroll 6
      for (int r = 0; r < To; ++r) out[r] = hn::Zero(f);
    }
#pragma GCC unroll 6
    for (int r = 0; r < To; ++r) hn::Store(out[r], f, t + (r * From + c) * kLanes);
  }
#pragma GCC unroll 6
  for (int r = 0; r < To; ++r) {
    V in[From], out[To];
#pragma GCC unroll 6
    for (int c = 0; c < From; ++c) in[c] = hn::Load(f, t + (r * From + c) * kLanes);
    Line::of(in, out);
#pragma GCC unroll 6
    for (int c = 0; c < To; ++c) write(r * To + c, out[c]);
  }
}

/** Likewise 6 × 6 into To × To, both in registers; place(p) gives what is at place p. */
template <typename Line, int To, typename Place, typename Write>
HWY_INLINE void transform_back(const Place& place, const Write& write) {
  V t[To][6];
#pragma GCC unroll 6
  for (int c = 0; c < 6; ++c) {
    V in[6], out[To];
#pragma GCC unroll 6
    for (int r = 0; r < 6; ++r) in[r] = place(r * 6 + c);
    Line::of(in, out);
#pragma GCC unroll 4
    for (int r = 0; r < To; ++r) t[r][c] = out[r];
  }
#pragma GCC unroll 4
  for (int r = 0; r < To; ++r) {
    V out[To];
    Line::of(t[r], out);
    write(r, out);
  }
}

struct Range {
  int64_t begin, end;
  int64_t size() const { return end - begin; }
};
/** Part i of `parts` that are as even as can be. */
HWY_INLINE Range part_of(int64_t count, int64_t i, int64_t parts) { return {count * i / parts, count * (i + 1) / parts}; }
int64_t blocks_of(int64_t channels) { return (channels + kLanes - 1) / kLanes; }
int64_t padded(int64_t channels) { return blocks_of(channels) * kLanes; }
int64_t whole_lines(int64_t floats) { return (floats + 15) / 16 * 16; }

/** Between the 36 matrices: an odd number of vectors, so that the 36 places of a tile fall into different sets of the cache. */
int64_t apart(int64_t floats) { return ((floats / kLanes) | 1) * kLanes; }

/** The largest number of channels up to `most` that divides `channels` and is whole panels, or whole blocks where there is none. */
int64_t divisor(int64_t channels, int64_t most) {
  for (const int64_t step : {int64_t{2} * kLanes, int64_t{kLanes}})
    for (int64_t part = std::min(channels, most) / step * step; part > 0; part -= step)
      if (channels % part == 0) return part;
  return kLanes;
}

/** Tiles of 4 × 4 results, image by image, row by row. */
struct Tiles {
  int64_t images = 0, down = 1, across = 1;
  Tiles() = default;
  explicit Tiles(const Convolution& s) : images(s.images), down((s.out_height() + 3) / 4), across((s.out_width() + 3) / 4) {}
  int64_t of_image() const { return down * across; }
  int64_t count() const { return images * of_image(); }
};

/** An activation as patches, one for each tile: size × size, from `pad` before the tile's first result on. */
template <typename T>
struct Patches {
  Tiles tiles;
  const T* data;
  int64_t blocks, height, width;
  int64_t pad, size;

  int64_t row() const { return width * kLanes; }
  const T* plane(int64_t image, int64_t block) const { return data + (image * blocks + block) * height * row(); }
  /** Rows that tiles of an image reach. */
  Range rows(Range of) const {
    return {std::max<int64_t>(0, of.begin / tiles.across * 4 - pad), std::min(height, (of.end - 1) / tiles.across * 4 - pad + size)};
  }
};
template <typename T>
Patches<T> patches_of_x(const Convolution& s, const T* x) {
  return {Tiles(s), x, blocks_of(s.in), s.height, s.width, s.pad, 6};
}
template <typename T>
Patches<T> patches_of_y(const Convolution& s, const T* y) {
  return {Tiles(s), y, blocks_of(s.out), s.out_height(), s.out_width(), 0, 4};
}

/** body(image, its tiles, place of the first in the range) for the images that a range of tiles belongs to. */
template <typename Body>
HWY_INLINE void over_images(const Tiles& tiles, Range range, const Body& body) {
  const int64_t per = tiles.of_image();
  for (int64_t t = range.begin; t < range.end;) {
    const int64_t image = t / per, first = t % per, count = std::min(per - first, range.end - t);
    body(image, Range{first, first + count}, t - range.begin);
    t += count;
  }
}

/**
 * What the transforms will read or write next, fetched bit by bit while the processor multiplies, so that memory works at the same time.
 * Evenly, a few lines at a time: in bursts it costs more than it gains. A step calls nothing: it stands among sums that are to stay in
 * registers.
 */
template <typename T>
class Ahead {
 public:
  Ahead() = default;
  /** The rows of those blocks of channels that the tiles reach, within `steps` steps. */
  Ahead(const Patches<T>& of, Range blocks, Range tiles, int64_t steps) : blocks_(blocks.size()) {
    if (tiles.size() == 0) return;
    const int64_t per = of.tiles.of_image(), begin = tiles.begin / per, end = (tiles.end - 1) / per + 1;
    int64_t lines = 0;
    over_images(of.tiles, tiles, [&](int64_t image, Range reached, int64_t) {
      const Range rows = of.rows(reached);
      const Run run{of.plane(0, blocks.begin) + rows.begin * of.row(), rows.size() * of.row() / kLine};
      lines += run.lines;
      if (image == begin) runs_[0] = run;
      runs_[image + 1 == end ? 2 : 1] = run;
    });
    if (end - begin == 1) runs_[0] = runs_[2];
    plane_ = of.height * of.row();
    image_ = of.blocks * plane_;
    base_ = begin * image_;
    last_ = (end - 1) * image_;
    stride_ = (lines * blocks_ + steps - 1) / steps;
    at_ = runs_[0].first + base_;
    left_ = runs_[0].lines;
  }
  template <bool kWrite>
  HWY_INLINE void step() {
    for (int64_t i = 0; i < stride_ && left_ > 0; ++i) {
      __builtin_prefetch(at_, kWrite, kWrite ? 3 : 2);
      at_ += kLine;
      if (--left_ == 0) next_run();
    }
  }

 private:
  static constexpr int64_t kLine = 64 / sizeof(T);
  /** A block's rows in one image; where they would begin in the first image's first block. */
  struct Run {
    const T* first = nullptr;
    int64_t lines = 0;
  };

  HWY_INLINE void next_run() {
    if (++block_ == blocks_) {
      if (base_ == last_) return;
      block_ = 0;
      base_ += image_;
      which_ = base_ == last_ ? 2 : 1;
    }
    at_ = runs_[which_].first + base_ + block_ * plane_;
    left_ = runs_[which_].lines;
  }

  Run runs_[3];  // of the first image, of those between, of the last
  int64_t blocks_ = 0, plane_ = 0, image_ = 0;
  int64_t base_ = 0, last_ = 0, block_ = 0, which_ = 0;  // of the run at hand: its image, the last one, its block, which kind it is
  const T* at_ = nullptr;
  int64_t left_ = 0, stride_ = 0;
};

template <typename T>
HWY_ALIGN constexpr T kZeros[8 * kLanes] = {};

/** Patches of some blocks and tiles, transformed: out[place · step + (block · room + tile) · lanes]. */
template <typename Line, int kSize, typename T>
void transform_patches(const Patches<T>& p, Range blocks, Range tiles, int64_t room, int64_t step, float* out) {
  over_images(p.tiles, tiles, [&](int64_t image, Range of, int64_t place) HWY_ATTR {
    for (int64_t block = blocks.begin; block < blocks.end; ++block) {
      const T* plane = p.plane(image, block);
      float* to = out + ((block - blocks.begin) * room + place) * kLanes;
      for (int64_t tile = of.begin; tile < of.end; ++tile, to += kLanes) {
        const int64_t top = tile / p.tiles.across * 4 - p.pad, left = tile % p.tiles.across * 4 - p.pad;
        const T* rows[kSize];
        for (int r = 0; r < kSize; ++r)
          rows[r] = top + r < 0 || top + r >= p.height ? kZeros<T> : plane + (top + r) * p.row() + left * kLanes;
        const int64_t begin = std::max<int64_t>(0, -left), end = std::min<int64_t>(kSize, p.width - left);
        transform<Line, kSize, 6>(
            [&](int c, V* in) HWY_ATTR {
              if (c < begin || c >= end) return false;
#pragma GCC unroll 6
              for (int r = 0; r < kSize; ++r) in[r] = load(rows[r] + c * kLanes);
              return true;
            },
            [&](int at, V v) HWY_ATTR { hn::Store(v, f, to + at * step); });
      }
    }
  });
}

/** What a multiplication fetches on its way. */
template <typename T>
struct Fetching {
  Ahead<T> reads, more;
  const float* weights = nullptr;  // wanted soon, so many lines of them for every block
  int64_t lines = 0;
};

/** sums[n · room + i] = Σ_c v[c][i] · u[c][n] for M tiles and N blocks of output channels. */
template <int M, int N, typename T>
HWY_NOINLINE void multiply(int64_t blocks, const float* v, int64_t room, const float* u, float* sums, Fetching<T>& ahead) {
  V sum[M][N];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int n = 0; n < N; ++n) sum[i][n] = hn::Zero(f);
  const float* soon = ahead.weights;
  for (int64_t block = 0; block < blocks; ++block, v += room * kLanes) {
    ahead.reads.template step<false>();
    ahead.more.template step<true>();
    for (int i = 0; i < M; ++i) __builtin_prefetch(v + (room + i) * kLanes, 0, 3);
    for (int64_t i = 0; i < ahead.lines; ++i, soon += 16) __builtin_prefetch(soon, 0, 2);
    for (int c = 0; c < kLanes; ++c, u += N * kLanes) {
      V w[N];
#pragma GCC unroll 2
      for (int n = 0; n < N; ++n) w[n] = hn::Load(f, u + n * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i) {
        const V value = number(v[i * kLanes + c]);
#pragma GCC unroll 2
        for (int n = 0; n < N; ++n) sum[i][n] = hn::MulAdd(value, w[n], sum[i][n]);
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int n = 0; n < N; ++n) hn::Store(sum[i][n], f, sums + (n * room + i) * kLanes);
}

template <typename T>
using Multiply = void (*)(int64_t, const float*, int64_t, const float*, float*, Fetching<T>&);
template <typename T, int N, int... I>
Multiply<T> multiply_of(int64_t tiles, std::integer_sequence<int, I...>) {
  static constexpr Multiply<T> table[] = {multiply<I + 1, N, T>...};
  return table[tiles - 1];
}
template <typename T>
Multiply<T> multiply_of(int64_t tiles, int64_t vectors) {
  constexpr auto all = std::make_integer_sequence<int, kRows>();
  return vectors == 2 ? multiply_of<T, 2>(tiles, all) : multiply_of<T, 1>(tiles, all);
}

/**
 * How a convolution is cut. Found by trying: transformed tiles in a fraction of L2 while the weights fit there too; beyond that, more tiles
 * for each time that the weights pass by.
 */
struct Blocking {
  int64_t in, out;   // channels, whole blocks
  int64_t together;  // output channels that are multiplied before they are transformed back
  int64_t passes;    // over x, each with a share of the output channels
  int64_t chunks;    // of tiles
  int64_t room;      // tiles in the largest chunk

  explicit Blocking(const Convolution& s) : in(padded(s.in)), out(padded(s.out)) {
    const int64_t tiles = in <= 32 ? 56 : in <= 128 ? 42 : in <= 256 ? 56 : 128, count = Tiles(s).count();
    together = divisor(out, in <= 128 ? 32 : 128);
    const int64_t pass = std::min(out, 256 / together * together);
    passes = (out + pass - 1) / pass;
    // As many pieces as the threads can share evenly.
    const int64_t even = threads() / std::gcd(passes, int64_t{threads()});
    chunks = std::min(count, ((count + tiles - 1) / tiles + even - 1) / even * even);
    room = (count + chunks - 1) / chunks;
  }
  Range pass(int64_t i) const {
    const Range groups = part_of(out / together, i, passes);
    return {groups.begin * together, groups.end * together};
  }
  int64_t team() const { return std::min<int64_t>(threads(), passes * chunks); }

  int64_t v_step() const { return apart(room * in); }
  int64_t sums_step() const { return apart(room * together); }
  int64_t scratch() const { return whole_lines(kPlaces * v_step()) + whole_lines(kPlaces * sums_step()); }

  // Transformed weights: [out / together][36][together / panel][in][panel], a panel being one or two vectors.
  int64_t vectors() const { return together % (2 * kLanes) ? 1 : 2; }
  int64_t panels() const { return together / (vectors() * kLanes); }
  int64_t u_step() const { return apart(in * together); }
  int64_t u_group() const { return kPlaces * u_step(); }
  int64_t weights() const { return out / together * u_group(); }
};

/** A block of weights with the kernels and the roles of the channels turned round. */
HWY_INLINE void turn(const float* block, float* turned) {
  for (int tap = 0; tap < 9; ++tap)
    for (int i = 0; i < kLanes; ++i)
      for (int o = 0; o < kLanes; ++o) turned[((8 - tap) * kLanes + o) * kLanes + i] = block[(tap * kLanes + i) * kLanes + o];
}

/** kPast: written past the caches. */
template <bool kPast>
void transform_weights(const Blocking& by, const float* w, bool turned, float* u) {
  const int64_t in_blocks = by.in / kLanes, out_blocks = by.out / kLanes, vectors = by.vectors();
  parallel(out_blocks, 1, [&](int64_t begin, int64_t end) {
    HWY_ALIGN float other_way[9 * kLanes * kLanes];
    for (int64_t o = begin; o < end; ++o) {
      const int64_t place = o * kLanes % by.together / kLanes;
      float* group = u + o * kLanes / by.together * by.u_group() + (place / vectors * by.in * vectors + place % vectors) * kLanes;
      for (int64_t i = 0; i < in_blocks; ++i) {
        const float* block = w + (turned ? i * out_blocks + o : o * in_blocks + i) * 9 * kLanes * kLanes;
        if (turned) {
          turn(block, other_way);
          block = other_way;
        }
        for (int c = 0; c < kLanes; ++c) {
          float* to = group + (i * kLanes + c) * vectors * kLanes;
          transform<WeightLine, 3, 6>(
              [&](int column, V* taps) HWY_ATTR {
#pragma GCC unroll 3
                for (int r = 0; r < 3; ++r) taps[r] = hn::LoadU(f, block + ((r * 3 + column) * kLanes + c) * kLanes);
                return true;
              },
              [&](int at, V v) HWY_ATTR {
                if (kPast) {
                  hn::Stream(v, f, to + at * by.u_step());
                } else {
                  hn::Store(v, f, to + at * by.u_step());
                }
              });
        }
      }
    }
    if (kPast) hwy::FlushStream();
  });
}

/** The sums of a group of output channels, transformed back and finished, to memory. */
template <typename T>
void transform_results(const Convolution& s, const Blocking& by, const Epilogue& e, Range channels, Range tiles, const float* sums, T* y) {
  const Patches<T> to = patches_of_y<T>(s, y);
  const T* residual = static_cast<const T*>(e.residual);
  over_images(to.tiles, tiles, [&](int64_t image, Range of, int64_t place) HWY_ATTR {
    for (int64_t block = channels.begin / kLanes; block < channels.end / kLanes; ++block) {
      const V bias = e.bias ? load_some(e.bias + block * kLanes, std::min<int64_t>(kLanes, s.out - block * kLanes)) : hn::Zero(f);
      const V floor = e.relu ? hn::Zero(f) : number(-std::numeric_limits<float>::infinity());
      const float* from = sums + ((block - channels.begin / kLanes) * by.room + place) * kLanes;
      const int64_t plane = to.plane(image, block) - to.data;
      for (int64_t tile = of.begin; tile < of.end; ++tile, from += kLanes) {
        const int64_t top = tile / to.tiles.across * 4, left = tile % to.tiles.across * 4;
        const int64_t columns = std::min<int64_t>(4, to.width - left);
        transform_back<OutputLine, 4>([&](int p) HWY_ATTR { return hn::Load(f, from + p * by.sums_step()); },
                                      [&](int r, const V* out) HWY_ATTR {
                                        if (top + r >= to.height) return;
                                        const int64_t at = plane + (top + r) * to.row() + left * kLanes;
#pragma GCC unroll 4
                                        for (int c = 0; c < 4; ++c) {
                                          if (c >= columns) break;
                                          V v = hn::Add(out[c], bias);
                                          if (residual) v = hn::Add(v, load(residual + at + c * kLanes));
                                          store(at_least(v, floor), y + at + c * kLanes);
                                        }
                                      });
      }
    }
  });
}

/** A chunk of tiles in one pass: transform, multiply, transform back. `next`: the tiles that this thread will do then. */
template <typename T>
void convolve_chunk(const Convolution& s, const Blocking& by, const T* x, const float* u, const Epilogue& e, Range pass, Range tiles,
                    Range next, T* y, float* scratch) {
  const int64_t blocks = by.in / kLanes, vectors = by.vectors(), panel = by.in * vectors * kLanes;
  float *v = scratch, *sums = scratch + whole_lines(kPlaces * by.v_step());
  const Patches<T> from = patches_of_x(s, x), to = patches_of_y<T>(s, y);
  transform_patches<InputLine, 6>(from, {0, blocks}, tiles, by.room, by.v_step(), v);

  const int64_t parts = (tiles.size() + kRows - 1) / kRows, steps = kPlaces * by.panels() * parts * blocks;
  const bool large = by.in * pass.size() * kPlaces > kHalfL2;
  Fetching<T> ahead{.reads = Ahead<T>(from, {0, blocks}, next, steps * (pass.size() / by.together)),
                    .more = {},
                    .lines = large ? (vectors * kLanes + parts - 1) / parts : 0};
  for (int64_t o = pass.begin; o < pass.end; o += by.together) {
    ahead.more = Ahead<T>(to, {o / kLanes, (o + by.together) / kLanes}, tiles, steps);
    const float* group = u + o / by.together * by.u_group();
    for (int64_t p = 0; p < kPlaces; ++p)
      for (int64_t n = 0; n < by.panels(); ++n)
        for (int64_t part = 0; part < parts; ++part) {
          const Range rows = part_of(tiles.size(), part, parts);
          const float* weights = group + p * by.u_step() + n * panel;
          ahead.weights = weights + panel * (parts + part) / parts;
          multiply_of<T>(rows.size(), vectors)(blocks, v + p * by.v_step() + rows.begin * kLanes, by.room, weights,
                                               sums + p * by.sums_step() + (n * vectors * by.room + rows.begin) * kLanes, ahead);
        }
    transform_results(s, by, e, {o, o + by.together}, tiles, sums, y);
  }
}

template <typename T>
void convolve(const Convolution& s, const T* x, const float* u, const Epilogue& e, T* y, float* scratch) {
  const Blocking by(s);
  const int64_t count = Tiles(s).count(), pieces = by.passes * by.chunks, team = by.team();
  parallel(team, 1, [&](int64_t begin, int64_t end) {
    for (int64_t rank = begin; rank < end; ++rank) {
      const Range mine = part_of(pieces, rank, team);
      for (int64_t i = mine.begin; i < mine.end; ++i) {
        const Range next = i + 1 < mine.end ? part_of(count, (i + 1) % by.chunks, by.chunks) : Range{0, 0};
        convolve_chunk(s, by, x, u, e, by.pass(i / by.chunks), part_of(count, i % by.chunks, by.chunks), next, y,
                       scratch + rank * by.scratch());
      }
    }
  });
}

/** g[i][n] (+)= Σ_t v[t][i] · z[n][t] for M input channels and N blocks of output channels. */
template <int M, int N, typename T>
HWY_NOINLINE void accumulate(int64_t tiles, const float* v, const float* z, int64_t room, bool first, float* g, Fetching<T>& ahead) {
  V sum[M][N];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int n = 0; n < N; ++n) sum[i][n] = first ? hn::Zero(f) : hn::Load(f, g + (i * N + n) * kLanes);
  for (int64_t t = 0; t < tiles; ++t, v += kLanes, z += kLanes) {
    __builtin_prefetch(v + 8 * kLanes, 0, 3);
    if (t % 16 == 0) {
      ahead.reads.template step<false>();
      ahead.more.template step<false>();
    }
    V w[N];
#pragma GCC unroll 2
    for (int n = 0; n < N; ++n) w[n] = hn::Load(f, z + n * room * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const V value = number(v[i]);
#pragma GCC unroll 2
      for (int n = 0; n < N; ++n) sum[i][n] = hn::MulAdd(value, w[n], sum[i][n]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int n = 0; n < N; ++n) hn::Store(sum[i][n], f, g + (i * N + n) * kLanes);
}

/**
 * How a gradient is cut: into pieces of 64 × 64 channels, whose sums (590 KB) stay in L2 while all tiles pass by. Transforming x and dy
 * anew for each piece costs less than moving larger sums. Where pieces cannot be shared evenly by the threads, each is split by its tiles
 * too.
 */
struct GradientBlocking {
  static constexpr int64_t kRoom = 32;                    // tiles at a time
  static constexpr int kChannels = kLanes == 16 ? 8 : 4;  // of an accumulation
  int64_t in, out;                                        // channels, whole blocks
  int64_t in_part, out_part;                              // of a piece
  int64_t tiles, pieces, splits;

  explicit GradientBlocking(const Convolution& s)
      : in(padded(s.in)), out(padded(s.out)), in_part(divisor(in, 64)), out_part(divisor(out, 64)), tiles(Tiles(s).count()) {
    pieces = in / in_part * (out / out_part);
    splits = std::min((tiles + kRoom - 1) / kRoom, threads() / std::gcd(pieces, int64_t{threads()}));
  }
  /** Blocks of channels that piece i is about. */
  Range in_blocks(int64_t i) const { return part(i / (out / out_part), in_part); }
  Range out_blocks(int64_t i) const { return part(i % (out / out_part), out_part); }
  static Range part(int64_t i, int64_t channels) { return {i * channels / kLanes, (i + 1) * channels / kLanes}; }
  int64_t team() const { return std::min<int64_t>(threads(), pieces * splits); }

  int64_t v_step() const { return apart(kRoom * in_part); }
  int64_t z_step() const { return apart(kRoom * out_part); }
  int64_t sums_step() const { return apart(in_part * out_part); }
  int64_t sums() const { return whole_lines(kPlaces * sums_step()); }
  /** Of a thread: transformed patches, and sums where no others are added to them. */
  int64_t patches() const { return whole_lines(kPlaces * v_step()) + whole_lines(kPlaces * z_step()); }
  int64_t all_sums() const { return (splits == 1 ? team() : pieces * splits) * sums(); }
  /** Panels of two vectors of output channels, the last of one where they are odd: so many vectors has the panel of `block`. */
  int64_t vectors(int64_t block) const { return block / 2 * 2 + 2 <= out_part / kLanes ? 2 : 1; }
};

/** The sums of one piece over some of the tiles. */
template <typename T>
void sum_piece(const Convolution& s, const GradientBlocking& by, const T* x, const T* dy, int64_t piece, Range tiles, float* sums,
               float* scratch) {
  constexpr int M = GradientBlocking::kChannels;
  const Patches<T> of_x = patches_of_x(s, x), of_dy = patches_of_y(s, dy);
  const Range in = by.in_blocks(piece), out = by.out_blocks(piece);
  const int64_t room = by.kRoom;
  float *v = scratch, *z = scratch + whole_lines(kPlaces * by.v_step());
  for (int64_t t = tiles.begin; t < tiles.end; t += room) {
    const Range now{t, std::min(tiles.end, t + room)}, next{now.end, std::min(tiles.end, now.end + room)};
    transform_patches<InputLine, 6>(of_x, in, now, room, by.v_step(), v);
    transform_patches<GradientLine, 4>(of_dy, out, now, room, by.z_step(), z);
    const int64_t steps = kPlaces * ((out.size() + 1) / 2) * (by.in_part / M) * ((now.size() + 15) / 16);
    Fetching<T> ahead{.reads = Ahead<T>(of_x, in, next, steps), .more = Ahead<T>(of_dy, out, next, steps)};
    for (int64_t p = 0; p < kPlaces; ++p)
      for (int64_t block = 0; block < out.size(); block += 2) {
        const int64_t vectors = by.vectors(block);
        for (int64_t c = 0; c < by.in_part; c += M)
          (vectors == 2 ? accumulate<M, 2, T>
                        : accumulate<M, 1, T>)(now.size(), v + p * by.v_step() + c / kLanes * room * kLanes + c % kLanes,
                                               z + p * by.z_step() + block * room * kLanes, room, t == tiles.begin,
                                               sums + p * by.sums_step() + (block * by.in_part + c * vectors) * kLanes, ahead);
      }
  }
}

/** The sums of all splits of a piece, transformed back into the weights' gradient. */
void finish_piece(const GradientBlocking& by, int64_t piece, const float* sums, float* dw) {
  const Range in = by.in_blocks(piece), out = by.out_blocks(piece);
  for (int64_t block = 0; block < out.size(); ++block)
    for (int64_t c = 0; c < by.in_part; ++c) {
      const int64_t vectors = by.vectors(block);
      const float* from = sums + (block / 2 * 2 * by.in_part + c * vectors + block % 2) * kLanes;
      float* to = dw + (((out.begin + block) * (by.in / kLanes) + in.begin + c / kLanes) * 9 * kLanes + c % kLanes) * kLanes;
      transform_back<WeightGradientLine, 3>(
          [&](int p) HWY_ATTR {
            V v = hn::Load(f, from + p * by.sums_step());
            for (int64_t split = 1; split < by.splits; ++split) v = hn::Add(v, hn::Load(f, from + split * by.sums() + p * by.sums_step()));
            return v;
          },
          [&](int r, const V* taps) HWY_ATTR {
#pragma GCC unroll 3
            for (int j = 0; j < 3; ++j) hn::StoreU(taps[j], f, to + (r * 3 + j) * kLanes * kLanes);
          });
    }
}

template <typename T>
void weight_gradient(const Convolution& s, const T* x, const T* dy, float* dw, float* scratch) {
  const GradientBlocking by(s);
  const int64_t items = by.pieces * by.splits, team = by.team();
  float* all_sums = scratch + team * by.patches();
  parallel(team, 1, [&](int64_t begin, int64_t end) {
    for (int64_t rank = begin; rank < end; ++rank) {
      const Range mine = part_of(items, rank, team);
      for (int64_t i = mine.begin; i < mine.end; ++i) {
        const int64_t piece = i / by.splits;
        float* sums = all_sums + (by.splits == 1 ? rank : i) * by.sums();
        sum_piece(s, by, x, dy, piece, part_of(by.tiles, i % by.splits, by.splits), sums, scratch + rank * by.patches());
        if (by.splits == 1) finish_piece(by, piece, sums, dw);
      }
    }
  });
  if (by.splits == 1) return;
  parallel(by.pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) finish_piece(by, piece, all_sums + piece * by.splits * by.sums(), dw);
  });
}

void Convolve(const Convolution& s, bool bf16, const void* x, const float* u, const Epilogue& e, void* y, float* scratch) {
  CONVSCOPE_TYPED(convolve(s, CONVSCOPE_C(x), u, e, CONVSCOPE_M(y), scratch))
}
void WeightGradient(const Convolution& s, bool bf16, const void* x, const void* dy, float* dw, float* scratch){
    CONVSCOPE_TYPED(weight_gradient(s, CONVSCOPE_C(x), CONVSCOPE_C(dy), dw, scratch))} int64_t VectorLanes() {
  return kLanes;
}
int64_t WeightsSize(const Convolution& s) { return Blocking(s).weights(); }
void TransformWeights(const Convolution& s, const float* w, bool turned, float* u) {
  const Blocking by(s);
  (by.weights() > 2 * kHalfL2 ? transform_weights<true> : transform_weights<false>)(by, w, turned, u);
}
int64_t Scratch(const Convolution& s) {
  const Blocking by(s);
  return by.team() * by.scratch();
}
int64_t GradientScratch(const Convolution& s) {
  const GradientBlocking by(s);
  return by.team() * by.patches() + by.all_sums();
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(VectorLanes);
HWY_EXPORT(WeightsSize);
HWY_EXPORT(TransformWeights);
HWY_EXPORT(Scratch);
HWY_EXPORT(Convolve);
HWY_EXPORT(GradientScratch);
HWY_EXPORT(WeightGradient);

bool winograd_runs() { return HWY_DYNAMIC_DISPATCH(VectorLanes)() == block_lanes(); }
int64_t winograd_weights_size(const Convolution& s) { return HWY_DYNAMIC_DISPATCH(WeightsSize)(s); }
void winograd_weights(const Convolution& s, const float* w, bool turned, float* u) {
  HWY_DYNAMIC_DISPATCH(TransformWeights)(s, w, turned, u);
}
int64_t winograd_scratch(const Convolution& s) { return HWY_DYNAMIC_DISPATCH(Scratch)(s); }
void winograd_convolve(const Convolution& s, bool bf16, const void* x, const float* u, const Epilogue& e, void* y, float* scratch) {
  HWY_DYNAMIC_DISPATCH(Convolve)(s, bf16, x, u, e, y, scratch);
}
int64_t winograd_gradient_scratch(const Convolution& s) { return HWY_DYNAMIC_DISPATCH(GradientScratch)(s); }
void winograd_weight_gradient(const Convolution& s, bool bf16, const void* x, const void* dy, float* dw, float* scratch) {
  HWY_DYNAMIC_DISPATCH(WeightGradient)(s, bf16, x, dy, dw, scratch);
}

}  // namespace convscope::kernels
#endif  // HWY_ONCE

#include "convscope/engine/kernels/amx_parts.h"

#include "convscope/engine/kernels/amx-inl.h"

#ifdef CONVSCOPE_HAS_AMX
CONVSCOPE_AMX_BEGIN
namespace convscope::kernels {
namespace amx {
namespace {

constexpr int64_t kParts = 3;
constexpr int64_t kPoints = 32;                // of results that are summed together: two tiles
constexpr int64_t kStep = 2 * kParts * kTile;  // the parts of 32 channels of 32 points, or of two blocks of outputs
constexpr int64_t kFewPanels = 4;              // of a thread
constexpr int64_t kGroupBytes = 1 << 20;       // of x's parts that are worked on together

/** Results that meet the same taps: every `s.apart`-th of a row and column, from the first on. */
struct Phase {
  int64_t row, column;
  int64_t rows, columns;
  int64_t taps = 0, tap[9] = {};

  Phase(const Convolution& s, int64_t i, int64_t j)
      : row(i), column(j), rows((s.out_height() - i + s.apart - 1) / s.apart), columns((s.out_width() - j + s.apart - 1) / s.apart) {
    const auto meets = [&](int64_t at, int64_t t) { return (at + t + s.apart - s.pad) % s.apart == 0; };
    for (int64_t t = 0; t < s.kernel * s.kernel; ++t)
      if (meets(i, t / s.kernel) && meets(j, t % s.kernel)) tap[taps++] = t;
  }
  int64_t points(const Convolution& s) const { return s.images * rows * columns; }
  int64_t panels(const Convolution& s) const { return (points(s) + kPoints - 1) / kPoints; }
};

/**
 * How a convolution is cut up. A panel is the numbers that 32 points of results meet, in parts. Threads share the panels, and work on so
 * many together that the weights that stream by are well used; where panels are few they share the outputs, and each has all panels.
 */
struct Cut {
  int64_t in, out;  // blocks of 32 channels, where the last may be half; blocks of 16
  bool by_outputs;
  int64_t team;

  explicit Cut(const Convolution& s) : in((s.in + 31) / 32), out(s.out / 16) {
    const int64_t panels = Phase(s, 0, 0).panels(s);
    by_outputs = panels < kFewPanels * threads();
    team = std::min<int64_t>(threads(), by_outputs ? pairs() : panels);
  }
  /** Of blocks of outputs, the last of which may be one block. */
  int64_t pairs() const { return (out + 1) / 2; }
  /** Numbers in all parts of a panel, and in those of weights for two blocks of outputs. */
  int64_t parts(const Convolution& s) const { return s.kernel * s.kernel * in * kStep; }
  int64_t group(const Convolution& s) const {
    const int64_t panels = Phase(s, 0, 0).panels(s), own = by_outputs ? panels : (panels + team - 1) / team;
    return std::clamp<int64_t>(kGroupBytes / (parts(s) * int64_t{sizeof(Bf16)}), 1, own);
  }
  size_t scratch(const Convolution& s) const {
    return static_cast<size_t>(group(s)) * (static_cast<size_t>(parts(s)) * sizeof(Bf16) + kPoints * sizeof(int64_t));
  }
};

/** The upper half of each number's bits: a bf16 number, its magnitude not above the number's. */
inline __m512i cut_off(__m512i v) { return _mm512_and_si512(v, _mm512_set1_epi32(static_cast<int>(0xffff0000))); }
inline __m512i rounded(__m512i v) { return cut_off(_mm512_add_epi32(v, _mm512_set1_epi32(0x8000))); }
inline __m512i minus(__m512i a, __m512i b) { return _mm512_castps_si512(_mm512_sub_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b))); }
inline void put_pairs(__m512i low, __m512i high, Bf16* to) { _mm512_store_si512(to, _mm512_or_si512(_mm512_srli_epi32(low, 16), high)); }

/**
 * The parts of 32 numbers as pairs (of `low`, of `high`), the greatest first, those of a part `step` numbers apart. The first is cut off,
 * so that the greatest numbers do not become infinite and every NaN stays one; the second is rounded, so that what is left is of either
 * sign; the third is all that is left.
 */
inline void split(__m512i low, __m512i high, Bf16* to, int64_t step) {
  __m512i l = cut_off(low), h = cut_off(high);
  put_pairs(l, h, to);
  low = minus(low, l);
  high = minus(high, h);
  l = rounded(low);
  h = rounded(high);
  put_pairs(l, h, to + step);
  put_pairs(minus(low, l), cut_off(minus(high, h)), to + 2 * step);
}

/** Where the numbers of a panel's points lie. */
struct Panel {
  const Convolution& s;
  const Phase& phase;
  int64_t n[kPoints] = {}, i[kPoints] = {}, j[kPoints] = {};
  int64_t count;

  Panel(const Convolution& convolution, const Phase& of, int64_t index)
      : s(convolution), phase(of), count(std::min(kPoints, of.points(convolution) - index * kPoints)) {
    int64_t point = index * kPoints;
    int64_t column = point % phase.columns, row = point / phase.columns % phase.rows, image = point / phase.columns / phase.rows;
    for (int64_t m = 0; m < count; ++m) {
      n[m] = image;
      i[m] = row * s.apart + phase.row;
      j[m] = column * s.apart + phase.column;
      if (++column < phase.columns) continue;
      column = 0;
      if (++row < phase.rows) continue;
      row = 0;
      ++image;
    }
  }
  /** Offsets in y, of the first block's numbers. */
  void y_offsets(int64_t* to) const {
    const int64_t height = s.out_height(), width = s.out_width(), image = s.out / 16 * height;
    for (int64_t m = 0; m < count; ++m) to[m] = ((n[m] * image + i[m]) * width + j[m]) * 16;
  }
  /** Likewise in x, of the points that they meet in a tap; negative where that is padding or no point. */
  void x_offsets(int64_t tap, int64_t* to) const {
    const int64_t down = tap / s.kernel - s.pad, right = tap % s.kernel - s.pad, image = s.in / 16 * s.height;
    const int64_t height = s.height * s.apart, width = s.width * s.apart, shift = s.apart - 1;  // 1 or 2 apart
    for (int64_t m = 0; m < kPoints; ++m) {
      const int64_t row = i[m] * s.stride + down, column = j[m] * s.stride + right;
      const bool inside = m < count && row >= 0 && column >= 0 && row < height && column < width;
      to[m] = inside ? ((n[m] * image + (row >> shift)) * s.width + (column >> shift)) * 16 : -1;
    }
  }
};

/** What a panel's points meet, as parts: [tap][32 channels][part][32 points][32]. */
void into_parts(const Panel& panel, const Cut& cut, const float* x, Bf16* to) {
  const Convolution& s = panel.s;
  const int64_t plane = s.height * s.width * 16;
  for (int64_t t = 0; t < panel.phase.taps; ++t) {
    int64_t from[kPoints];
    panel.x_offsets(panel.phase.tap[t], from);
    for (int64_t c = 0; c < cut.in; ++c, to += kStep) {
      const float* block = x + 2 * c * plane;
      const bool both = c * 32 + 16 < s.in;
      for (int64_t m = 0; m < kPoints; ++m) {
        if (from[m] < 0) {
          split(_mm512_setzero_si512(), _mm512_setzero_si512(), to + m * 32, 2 * kTile);
          continue;
        }
        const float* low = block + from[m];
        // Blocks of channels lie too far from each other for the processor to foresee.
        __builtin_prefetch(low + 2 * plane);
        __builtin_prefetch(low + 3 * plane);
        split(_mm512_loadu_si512(low), both ? _mm512_loadu_si512(low + plane) : _mm512_setzero_si512(), to + m * 32, 2 * kTile);
      }
    }
  }
}

/** Two tiles at once: 4 and 5 of x, 6 and 7 of weights, the second of which may be missing. */
template <int first, bool both = true>
inline void load_two(const Bf16* from) {
  load<first>(from);
  if constexpr (both) load<first + 1>(from + kTile);
}
template <bool both>
inline void multiply_all() {
  multiply<0, 4, 6>();
  multiply<1, 5, 6>();
  if constexpr (both) {
    multiply<2, 4, 7>();
    multiply<3, 5, 7>();
  }
}
/** 32 channels of one tap into the sums: the smaller products first, with one operand new for each. */
template <bool both>
inline void add_step(const Bf16* x, const Bf16* w) {
  constexpr int64_t kPart = 2 * kTile;
  load_two<4>(x + 2 * kPart);
  load_two<6, both>(w);
  multiply_all<both>();
  load_two<4>(x + kPart);
  multiply_all<both>();
  load_two<6, both>(w + kPart);
  multiply_all<both>();
  load_two<4>(x);
  multiply_all<both>();
  load_two<6, both>(w + 2 * kPart);
  multiply_all<both>();
  load_two<6, both>(w);
  multiply_all<both>();
}

/** Sums of a panel and two blocks of outputs that wait for their epilogue: it is done while the next ones are multiplied. */
class Results {
 public:
  Results(const Convolution& s, const Epilogue& e, float* y) : e_(e), y_(y), block_(s.out_height() * s.out_width() * 16) {}

  /** Where the sums of the blocks from `k` on are to be stored; those that waited are done before. offset: in y, of each point. */
  float* next(const int64_t* offset, int64_t points, int64_t k, int64_t blocks) {
    some(kAll);
    offset_ = offset;
    points_ = points;
    k_ = k;
    rows_ = points * blocks;
    done_ = 0;
    return sums_;
  }
  /** Finishes so many points of a block. */
  void some(int64_t count) {
    for (const int64_t end = std::min(rows_, done_ + count); done_ < end; ++done_) {
      const int64_t block = done_ >= points_, m = done_ - block * points_, at = offset_[m] + (k_ + block) * block_;
      __m512 v = _mm512_load_ps(sums_ + (block * kPoints + m) * 16);
      if (e_.bias) v = _mm512_add_ps(v, _mm512_loadu_ps(e_.bias + (k_ + block) * 16));
      if (e_.residual) v = _mm512_add_ps(v, _mm512_loadu_ps(static_cast<const float*>(e_.residual) + at));
      if (e_.relu) v = _mm512_max_ps(_mm512_setzero_ps(), v);  // the second where one is NaN
      _mm512_storeu_ps(y_ + at, v);
    }
  }
  void all() { some(kAll); }

  /** Calls for the memory of a point's results: maps beyond L2 are waited for otherwise. */
  void fetch(int64_t offset, int64_t k, bool both) const {
    const float* line = y_ + offset + k * block_;
    __builtin_prefetch(line, 1, 2);
    if (both) __builtin_prefetch(line + block_, 1, 2);
    if (!e_.residual || e_.residual == y_) return;
    line = static_cast<const float*>(e_.residual) + offset + k * block_;
    __builtin_prefetch(line);
    if (both) __builtin_prefetch(line + block_);
  }

 private:
  static constexpr int64_t kAll = 2 * kPoints;

  Epilogue e_;
  float* y_;
  int64_t block_;  // from a block of outputs to the next
  const int64_t* offset_ = nullptr;
  int64_t points_ = 0, k_ = 0, rows_ = 0, done_ = 0;
  alignas(64) float sums_[2 * kPoints * 16];
};

/** A panel by the weights of one or two blocks of outputs, the first of which is `k`. */
template <bool both>
void multiply_panel(const Phase& phase, const Cut& cut, const Bf16* x, const Bf16* weights, const int64_t* offset, int64_t points,
                    int64_t k, Results& results, Warm& warm) {
  zero<0>();
  zero<1>();
  zero<2>();
  zero<3>();
  const int64_t steps = std::max<int64_t>(1, phase.taps * cut.in), rows = (kPoints + steps - 1) / steps;
  int64_t fetched = 0;
  for (int64_t t = 0; t < phase.taps; ++t)
    for (int64_t c = 0; c < cut.in; ++c, x += kStep) {
      add_step<both>(x, weights + (phase.tap[t] * cut.in + c) * kStep);
      results.some(2 * rows);
      for (const int64_t end = std::min(points, fetched + rows); fetched < end; ++fetched) results.fetch(offset[fetched], k, both);
      warm.after(both ? 24 : 12);
    }
  float* sums = results.next(offset, points, k, both ? 2 : 1);
  store<0>(sums);
  store<1>(sums + 256);
  if constexpr (both) {
    store<2>(sums + 512);
    store<3>(sums + 768);
  }
}

/** The work of one thread: panels [first, end) of a phase, pairs of outputs [pair_first, pair_end). */
struct Share {
  int64_t first, end, pair_first, pair_end;
};
Share share_of(const Convolution& s, const Cut& cut, const Phase& phase, int64_t rank) {
  const int64_t panels = phase.panels(s), pairs = cut.pairs();
  if (cut.by_outputs) return {0, panels, pairs * rank / cut.team, pairs * (rank + 1) / cut.team};
  return {panels * rank / cut.team, panels * (rank + 1) / cut.team, 0, pairs};
}

void convolve(const Convolution& s, const Cut& cut, const Phase& phase, const Share& share, const float* x, const Bf16* weights,
              const Epilogue& e, float* y, std::byte* scratch) {
  const Tiles all;
  Warm warm;
  Results results(s, e, y);
  auto* offsets = reinterpret_cast<int64_t*>(scratch);
  auto* parts = reinterpret_cast<Bf16*>(offsets + cut.group(s) * kPoints);
  for (int64_t group = share.first; group < share.end; group += cut.group(s)) {
    const int64_t panels = std::min(share.end - group, cut.group(s));
    const auto points = [&](int64_t p) { return std::min(kPoints, phase.points(s) - (group + p) * kPoints); };
    for (int64_t p = 0; p < panels; ++p) {
      const Panel panel(s, phase, group + p);
      panel.y_offsets(offsets + p * kPoints);
      into_parts(panel, cut, x, parts + p * cut.parts(s));
    }
    for (int64_t pair = share.pair_first; pair < share.pair_end; ++pair)
      for (int64_t p = 0; p < panels; ++p) {
        const auto multiply = 2 * pair + 1 < cut.out ? multiply_panel<true> : multiply_panel<false>;
        multiply(phase, cut, parts + p * cut.parts(s), weights + pair * cut.parts(s), offsets + p * kPoints, points(p), 2 * pair, results,
                 warm);
      }
    results.all();
  }
}

/** The weights of outputs [32 k, 32 k + 32) as parts [tap][32 inputs][part][16 outputs, 16 more][16 pairs][16][2]. */
void pack_outputs(const Convolution& s, const Cut& cut, const float* w, bool turned, int64_t k, Bf16* to) {
  const int64_t in = blocks_of(s.in), taps = s.kernel * s.kernel;
  alignas(64) float low[256], high[256];
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t c = 0; c < cut.in; ++c, to += kStep)
      for (int64_t block = 0; block < 2; ++block) {
        if (2 * k + block >= cut.out) continue;
        const auto from = [&](int64_t i, float* copy) {
          if (i >= in) {
            std::memset(copy, 0, sizeof low);
          } else if (turned) {
            transpose(w + ((i * cut.out + 2 * k + block) * taps + taps - 1 - tap) * 256, copy);
          } else {
            std::memcpy(copy, w + (((2 * k + block) * in + i) * taps + tap) * 256, sizeof low);
          }
        };
        from(2 * c, low);
        from(2 * c + 1, high);
        for (int64_t p = 0; p < 16; ++p)
          split(_mm512_load_si512(low + p * 16), _mm512_load_si512(high + p * 16), to + block * kTile + p * 32, 2 * kTile);
      }
}

}  // namespace
}  // namespace amx

size_t parts_weights_bytes(const Convolution& s) {
  const amx::Cut cut(s);
  return static_cast<size_t>(cut.pairs() * cut.parts(s)) * sizeof(amx::Bf16);
}

void parts_weights(const Convolution& s, const float* w, bool turned, void* tiles) {
  const amx::Cut cut(s);
  parallel(cut.pairs(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) amx::pack_outputs(s, cut, w, turned, k, static_cast<amx::Bf16*>(tiles) + k * cut.parts(s));
  });
}

size_t parts_scratch_bytes(const Convolution& s) {
  const amx::Cut cut(s);
  return static_cast<size_t>(cut.team) * cut.scratch(s);
}

void parts_convolve(const Convolution& s, const float* x, const void* tiles, const Epilogue& epilogue, float* y, void* scratch) {
  using amx::Bf16;
  const amx::Cut cut(s);
  parallel(cut.team, 1, [&](int64_t begin, int64_t end) {
    for (int64_t rank = begin; rank < end; ++rank)
      for (int64_t i = 0; i < s.apart; ++i)
        for (int64_t j = 0; j < s.apart; ++j) {
          const amx::Phase phase(s, i, j);
          amx::convolve(s, cut, phase, amx::share_of(s, cut, phase, rank), x, static_cast<const Bf16*>(tiles), epilogue, y,
                        static_cast<std::byte*>(scratch) + static_cast<size_t>(rank) * cut.scratch(s));
        }
  });
}

}  // namespace convscope::kernels
CONVSCOPE_AMX_END

#else

namespace convscope::kernels {

// Nobody calls these where AMX does not run.
size_t parts_weights_bytes(const Convolution&) { return 0; }
void parts_weights(const Convolution&, const float*, bool, void*) {}
size_t parts_scratch_bytes(const Convolution&) { return 0; }
void parts_convolve(const Convolution&, const float*, const void*, const Epilogue&, float*, void*) {}

}  // namespace convscope::kernels

#endif

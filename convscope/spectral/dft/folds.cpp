#include "convscope/spectral/dft/folds.h"

#include <bit>
#include <cmath>
#include <new>

#include "convscope/base/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/spectral/dft/folds.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/spectral/dft/transform-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::dft {
namespace HWY_NAMESPACE {

/** Bits of the largest |x|; those of infinities and NaNs are above those of all numbers. */
uint32_t LargestBits(const float* x, int64_t count) {
  const hn::Rebind<uint32_t, F> u;
  const auto magnitude = hn::Set(u, 0x7fffffffu);
  auto most = hn::Zero(u);
  const auto see = [&](V v) HWY_ATTR { most = hn::Max(most, hn::And(hn::BitCast(u, v), magnitude)); };
  int64_t i = 0;
  for (; i + lanes() <= count; i += lanes()) see(hn::LoadU(f, x + i));
  HWY_ALIGN float rest[kMostLanes] = {};
  std::copy_n(x + i, count - i, rest);
  see(hn::Load(f, rest));
  return hn::GetLane(hn::MaxOfLanes(u, most));
}

/** Row y of each plane, scaled, into [m][lanes]; behind the last row zeros. */
HWY_INLINE void pack_row(const FoldsPlan& p, std::span<const float* const> planes, const FoldsGroup& g, int64_t y, float* packed) {
  if (y >= p.n) {
    std::fill_n(packed, p.m * lanes(), 0.0f);
    return;
  }
  for (size_t c = 0; c < planes.size(); ++c) {
    const float* row = planes[c] + y * p.m;
    const float scale = 0.5f * g.scale[c];  // half of it: what two rows share is added, not averaged
    for (int64_t x = 0; x < p.m; ++x) packed[x * lanes() + static_cast<int64_t>(c)] = scale * row[x];
  }
}

/** Transforms of all rows, into the slots of the columns that are wanted. */
void transform_rows(const FoldsPlan& p, std::span<const float* const> planes, FoldsGroup& g) {
  const int64_t size = 2 * lanes(), width = p.s * p.m;
  float *a = g.packed.get(), *b = a + p.m * lanes(), *z = g.spectrum.get();
  for (int64_t y = 0; y < p.n; y += 2) {
    pack_row(p, planes, g, y, a);
    pack_row(p, planes, g, y + 1, b);
    for (int64_t q = 0; q < p.s; ++q) {
      const To to{z + q * size, p.s * size};
      if (q == 0) {
        transform(p.along_row, g.scratch.get(), FromPair{a, b}, to);
      } else {
        transform(p.along_row, g.scratch.get(), Modulated<FromPair>{{a, b}, p.row_modulations.data() + q * p.m * 2}, to);
      }
    }
    float* to = g.slots.get() + y * size;
    for (int64_t v = 0; v < p.half; ++v) {
      for (int64_t j = 0; j < p.s; ++j, to += p.slot() * lanes()) {
        const int64_t l = p.column(v, j).l;
        const C here = load(z + l * size), there = load(z + (l == 0 ? 0 : width - l) * size);
        store({hn::Add(here.re, there.re), hn::Sub(here.im, there.im)}, to);
        if (y + 1 < p.n) store({hn::Add(here.im, there.im), hn::Sub(there.re, here.re)}, to + size);
      }
    }
  }
}

/** A column of X, all r n of it. */
HWY_INLINE void transform_column(const FoldsPlan& p, FoldsGroup& g, const float* slot, float* column) {
  const int64_t size = 2 * lanes();
  const From from{slot};
  for (int64_t q = 0; q < p.r; ++q) {
    const To to{column + q * size, p.r * size};
    if (q == 0) {
      transform(p.along_column, g.scratch.get(), from, to);
    } else {
      transform(p.along_column, g.scratch.get(), Modulated<From>{from, p.column_modulations.data() + q * p.n * 2}, to);
    }
  }
}

/** Numbers of the spectra one by one: a slow way for those who want them all. */
void keep_column(const FoldsPlan& p, const FoldsGroup& g, int64_t l, const float* column, std::span<float* const> spectra) {
  const int64_t height = p.r * p.n, width = p.s * p.m;
  for (size_t c = 0; c < spectra.size(); ++c) {
    for (int64_t k = 0; k < height; ++k) {
      const float re = column[2 * k * lanes() + static_cast<int64_t>(c)] / g.scale[c];
      const float im = column[(2 * k + 1) * lanes() + static_cast<int64_t>(c)] / g.scale[c];
      float* here = spectra[c] + (k * width + l) * 2;
      float* there = spectra[c] + ((height - k) % height * width + (width - l) % width) * 2;
      there[0] = re;
      there[1] = -im;
      here[0] = re;
      here[1] = im;
    }
  }
}

void Transform(const FoldsPlan& p, std::span<const float* const> planes, FoldsGroup& g, std::span<float* const> spectra) {
  const int64_t size = 2 * lanes(), height = p.r * p.n;
  if (static_cast<int64_t>(planes.size()) < lanes()) std::fill_n(g.packed.get(), 2 * p.m * lanes(), 0.0f);
  transform_rows(p, planes, g);

  V largest = hn::Zero(f);
  std::array<double, kMostLanes> sum{};
  const V share = hn::Set(f, 1.0f / static_cast<float>(p.folds()));
  for (int64_t v = 0; v < p.half; ++v) {
    for (int64_t j = 0; j < p.s; ++j) {
      float* column = g.columns.get() + j * height * size;
      transform_column(p, g, g.slots.get() + (v * p.s + j) * p.slot() * lanes(), column);
      if (!spectra.empty()) keep_column(p, g, p.column(v, j).l, column, spectra);
    }
    V squares = hn::Zero(f);
    float* power = g.slots.get() + v * p.s * p.slot() * lanes();
    for (int64_t u = 0; u < p.n; ++u) {
      C y{hn::Zero(f), hn::Zero(f)};
      for (int64_t i = 0; i < p.r; ++i) {
        for (int64_t j = 0; j < p.s; ++j, power += lanes()) {
          const bool mirrored = p.column(v, j).mirrored;
          const int64_t k = i * p.n + u;
          const C fold = load(g.columns.get() + (j * height + (mirrored && k > 0 ? height - k : k)) * size);
          y = {hn::Add(y.re, fold.re), mirrored ? hn::Sub(y.im, fold.im) : hn::Add(y.im, fold.im)};
          hn::Store(hn::MulAdd(fold.re, fold.re, hn::Mul(fold.im, fold.im)), f, power);
        }
      }
      const V re = hn::Mul(y.re, share), im = hn::Mul(y.im, share);
      const V square = hn::MulAdd(re, re, hn::Mul(im, im));
      largest = hn::Max(largest, square);
      squares = hn::Add(squares, square);
    }
    HWY_ALIGN float of_column[kMostLanes];
    hn::Store(squares, f, of_column);
    const double weight = v > 0 && 2 * v != p.m ? 2 : 1;  // its mirror image is not among the others
    for (int64_t c = 0; c < lanes(); ++c) sum[static_cast<size_t>(c)] += weight * static_cast<double>(of_column[c]);
  }
  HWY_ALIGN float most[kMostLanes];
  hn::Store(largest, f, most);
  std::copy_n(most, lanes(), g.largest.begin());
  for (size_t c = 0; c < sum.size(); ++c) g.mean[c] = sum[c] / static_cast<double>(p.n * p.m);
}

/** What the k-th threshold lets pass, added up over a v in floats, which count exactly so far. */
struct Tally {
  V least, several, base, other;

  /** `power`: the folds of a frequency; `base_fold` of them; each counts `weight` times. */
  HWY_INLINE void see(const FoldsPlan& p, const float* power, int64_t base_fold, V weight) {
    const V one = hn::Set(f, 1.0f);
    V passing = hn::Zero(f);
    for (int64_t i = 0; i < p.folds(); ++i)
      passing = hn::Add(passing, hn::IfThenElseZero(hn::Gt(hn::Load(f, power + i * lanes()), least), one));
    const auto alone = hn::Eq(passing, one);
    const auto passes = hn::Gt(hn::Load(f, power + base_fold * lanes()), least);
    several = hn::Add(several, hn::IfThenElseZero(hn::Gt(passing, one), weight));
    base = hn::Add(base, hn::IfThenElseZero(hn::And(alone, passes), weight));
    other = hn::Add(other, hn::IfThenElseZero(hn::AndNot(passes, alone), weight));
  }
};

void Count(const FoldsPlan& p, const FoldsGroup& g, const TwoThresholds& least, std::span<TwoCounts> counts) {
  const V zero = hn::Zero(f), one = hn::Set(f, 1.0f), two = hn::Set(f, 2.0f);
  for (int64_t v = 0; v < p.half; ++v) {
    // Where v has a mirror image, m − v, that is counted too: (n − u, m − v) has the folds of (u, v) in reverse order, and so its base
    // fold is theirs, except for u = n / 2, which counts as a negative frequency on both sides.
    const bool twice = v > 0 && 2 * v != p.m;
    const int64_t base_column = 2 * v < p.m ? 0 : p.s - 1;
    Tally tallies[2] = {{hn::LoadU(f, least[0].data()), zero, zero, zero}, {hn::LoadU(f, least[1].data()), zero, zero, zero}};
    const float* power = g.slots.get() + v * p.s * p.slot() * lanes();
    for (int64_t u = 0; u < p.n; ++u, power += p.folds() * lanes()) {
      const int64_t base_fold = (2 * u < p.n ? 0 : p.r - 1) * p.s + base_column;
      const bool nyquist = twice && 2 * u == p.n;
      for (Tally& tally : tallies) {
        tally.see(p, power, base_fold, twice && !nyquist ? two : one);
        if (nyquist) tally.see(p, power, base_column, one);
      }
    }
    for (size_t k = 0; k < 2; ++k) {
      HWY_ALIGN float numbers[3][kMostLanes] = {};
      hn::Store(tallies[k].several, f, numbers[0]);
      hn::Store(tallies[k].base, f, numbers[1]);
      hn::Store(tallies[k].other, f, numbers[2]);
      for (size_t c = 0; c < counts.size(); ++c) {
        counts[c][k].several += static_cast<int64_t>(numbers[0][c]);
        counts[c][k].base += static_cast<int64_t>(numbers[1][c]);
        counts[c][k].other += static_cast<int64_t>(numbers[2][c]);
      }
    }
  }
}

void TransformLanes(const Plan& plan, const float* x, float* spectrum, float* scratch) { transform(plan, scratch, From{x}, To{spectrum}); }

int64_t CountOfLanes() { return lanes(); }

}  // namespace HWY_NAMESPACE
}  // namespace convscope::dft
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::dft {

HWY_EXPORT(LargestBits);
HWY_EXPORT(Transform);
HWY_EXPORT(Count);
HWY_EXPORT(TransformLanes);
HWY_EXPORT(CountOfLanes);

Vectors vectors(int64_t count) {
  constexpr size_t kLine = 64;
  const size_t bytes = static_cast<size_t>(count * lanes()) * sizeof(float);
  Vectors memory(static_cast<float*>(std::aligned_alloc(kLine, (bytes + kLine - 1) / kLine * kLine)));
  if (!memory) throw std::bad_alloc();
  return memory;
}

int64_t lanes() { return HWY_DYNAMIC_DISPATCH(CountOfLanes)(); }

FoldsPlan::FoldsPlan(int64_t rows, int64_t columns, int64_t row_rate, int64_t column_rate)
    : n(rows),
      m(columns),
      r(row_rate),
      s(column_rate),
      half(columns / 2 + 1),
      along_row(columns),
      along_column(rows),
      row_modulations(modulations(columns, column_rate)),
      column_modulations(modulations(rows, row_rate)) {}

const float* FoldsPlan::powers(const FoldsGroup& group, int64_t u, int64_t v) const {
  return group.slots.get() + (v * s * slot() + u * folds()) * lanes();
}

FoldsGroup::FoldsGroup(const FoldsPlan& p)
    : slots(vectors(p.half * p.s * p.slot())),
      packed(vectors(2 * p.m)),
      spectrum(vectors(2 * p.s * p.m)),
      columns(vectors(2 * p.s * p.r * p.n)),
      scratch(vectors(std::max(p.along_row.scratch(), p.along_column.scratch()))) {}

void transform(const FoldsPlan& plan, std::span<const float* const> planes, FoldsGroup& group, int64_t first,
               std::span<float* const> spectra) {
  constexpr uint32_t kInfinity = 0x7f800000;
  for (size_t c = 0; c < planes.size(); ++c) {
    const uint32_t bits = HWY_DYNAMIC_DISPATCH(LargestBits)(planes[c], plan.n * plan.m);
    require(bits < kInfinity, "channel {} of the signal holds a number that is not finite", first + static_cast<int64_t>(c));
    const float largest = std::bit_cast<float>(bits);
    constexpr int kWidest = 120;
    group.scale[c] = largest > 0 ? std::ldexp(1.0f, -std::clamp(std::ilogb(largest), -kWidest, kWidest)) : 1.0f;
  }
  HWY_DYNAMIC_DISPATCH(Transform)(plan, planes, group, spectra);
}

void count(const FoldsPlan& plan, const FoldsGroup& group, const TwoThresholds& least, std::span<TwoCounts> counts) {
  HWY_DYNAMIC_DISPATCH(Count)(plan, group, least, counts);
}

void transform_lanes(const Plan& plan, const float* x, float* spectrum, float* scratch) {
  HWY_DYNAMIC_DISPATCH(TransformLanes)(plan, x, spectrum, scratch);
}

}  // namespace convscope::dft
#endif  // HWY_ONCE

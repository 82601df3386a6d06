#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "convscope/spectral/dft/plan.h"

namespace convscope::dft {

struct FoldsGroup;

/**
 * Folds of the spectra of real signals that lie side by side in the lanes of vectors.
 *
 *   x          [n, m], zero-padded to [r n, s m]
 *   X          its transform, unnormalised
 *   F_ij[u,v]  X[i n + u, j m + v], i < r, j < s, u < n, v < m
 *   Y[u,v]     Σ_ij F_ij[u,v] / (r s)
 *
 * x is real, so X[−k,−l] is the conjugate of X[k,l]: v ≤ m / 2 tell all. Rows are transformed two at a time as one complex signal; of the
 * columns each is transformed once. Padding costs nothing: a transform of r n numbers with zeros from n on is r modulated ones of n.
 */
struct FoldsPlan {
  FoldsPlan(int64_t n, int64_t m, int64_t r, int64_t s);

  int64_t n, m, r, s;
  int64_t half;  // v < half = m / 2 + 1
  Plan along_row, along_column;
  std::vector<float> row_modulations, column_modulations;

  int64_t folds() const { return r * s; }
  /** Column of X that fold j of v is in, and whether it stands there conjugated, upside down. */
  struct Column {
    int64_t l;
    bool mirrored;
  };
  Column column(int64_t v, int64_t j) const { return 2 * (j * m + v) > s * m ? Column{s * m - j * m - v, true} : Column{j * m + v, false}; }
  /** Vectors in a slot. */
  int64_t slot() const { return std::max<int64_t>(2, r) * n; }
  /** |F_ij[u,v]|² of folds i s + j, `lanes()` apart, of the first lane. */
  const float* powers(const FoldsGroup& group, int64_t u, int64_t v) const;
};

inline constexpr int64_t kMostLanes = 16;

/** How many signals lie side by side on this processor. */
int64_t lanes();

struct Freed {
  void operator()(float* p) const { std::free(p); }
};
/** Memory of whole vectors, aligned for them. */
using Vectors = std::unique_ptr<float[], Freed>;
Vectors vectors(int64_t count);

/** One thread's memory and results for a group of up to `lanes()` signals. */
struct FoldsGroup {
  explicit FoldsGroup(const FoldsPlan& plan);

  using Numbers = std::array<float, kMostLanes>;
  // Each signal is divided by a power of two first, so that neither tiny nor huge ones leave the range of float: powers are of x · scale.
  Numbers scale{};
  Numbers largest{};                      // max |Y|²
  std::array<double, kMostLanes> mean{};  // mean |Y|²

  // A slot for each (v, j), in which first lies the column of transformed rows, [n][re, im][lanes]. Once a v's columns are transformed,
  // |F_ij[u,v]|² of all its folds take their place, [n][r][s][lanes]: half the memory, and it is in cache.
  Vectors slots;
  Vectors packed, spectrum, columns, scratch;
};

/**
 * Fills the group from `planes`, each [n, m]. Not finite: an error with the number of the plane, `first` being that of the first one.
 * `spectra`, if not empty, gets X of each plane, [r n, s m, 2].
 */
void transform(const FoldsPlan& plan, std::span<const float* const> planes, FoldsGroup& group, int64_t first = 0,
               std::span<float* const> spectra = {});

/** Frequencies with more than one passing fold, with the base fold alone, with another one alone. */
struct FoldsCounts {
  int64_t several = 0, base = 0, other = 0;
};
/** By two thresholds in one pass: a fold passes the k-th where its power is above the lane's `least[k]`. */
using TwoThresholds = std::array<FoldsGroup::Numbers, 2>;
using TwoCounts = std::array<FoldsCounts, 2>;
void count(const FoldsPlan& plan, const FoldsGroup& group, const TwoThresholds& least, std::span<TwoCounts> counts);

/** X of signals in the lanes, for tests: x and X are [n][re, im][lanes], aligned. */
void transform_lanes(const Plan& plan, const float* x, float* spectrum, float* scratch);

}  // namespace convscope::dft

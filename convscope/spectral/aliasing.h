#pragma once

/**
 * What happens to each frequency of a signal when samples are dropped: the study's four categories.
 *
 * Goals: the published definition and one whose folds are scaled as they add up, both from one transform; any size and rate. Not a goal:
 * signals that are filtered before samples are dropped; analyse the filtered one.
 */

#include <span>
#include <string_view>
#include <vector>

#include "convscope/spectral/dft/folds.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/** Rows 0, rows, 2 rows, … go on, and columns alike. */
struct Rate {
  int64_t rows = 2, columns = 2;
};

/** What |F|² is compared with, `passing_db` below. */
enum class Reference { max, mean };
Reference reference_of(std::string_view name);

struct AliasingRule {
  Reference reference = Reference::max;
  double passing_db = 20;
};

/** Of frequencies (u, v) of a channel; in this order everywhere. */
struct AliasingCounts {
  int64_t non_aliased = 0, aliased = 0, tangled = 0, no_pass = 0;

  int64_t total() const { return non_aliased + aliased + tangled + no_pass; }
  AliasingCounts& operator+=(const AliasingCounts& other);
  bool operator==(const AliasingCounts&) const = default;
};

/** By |F|, as published, and by |F| / (r s), what the fold contributes to Y. */
struct ChannelAliasing {
  AliasingCounts published, contribution;
};

/** What a map holds: 1 · non-aliased + 2 · aliased + 3 · tangled. */
enum class Category { no_pass = 0, non_aliased = 1, aliased = 2, tangled = 3 };

/** [C, n, m] of categories, zero frequency at (n / 2, m / 2). */
struct FrequencyMaps {
  Tensor published, contribution;
};

/**
 * One channel x [n, m], of which every r-th row and s-th column goes on. X = transform of x zero-padded to [r n, s m]. Its folds
 * F_ij[u,v] = X[i n + u, j m + v] land on the same frequency; Y = Σ F_ij / (r s) is what is there afterwards. A fold passes where
 *
 *   |F_ij[u,v]|² > 10^(−P/10) · max |Y|²     (or mean |Y|²), P = passing_db
 *
 * The base fold of (u, v) is the one whose frequency lies below the new Nyquist frequency: i = 0 where 2 u < n, else r − 1, j alike.
 *
 *   no pass      no fold passes
 *   non-aliased  the base fold alone
 *   aliased      another one alone
 *   tangled      several
 *
 * A fold scaled as published is r s times what it adds to Y. A channel of zeros is all no pass.
 */
class AliasingAnalysis {
 public:
  /** Errors: an axis shorter than its rate, a rate below 1. */
  AliasingAnalysis(int64_t rows, int64_t columns, Rate rate, AliasingRule rule);

  /** `planes` [C, n, m] → C results; threads share the channels. */
  std::vector<ChannelAliasing> count(std::span<const float> planes);
  FrequencyMaps maps(std::span<const float> planes);
  /** X [C, r n, s m, 2]: all folds, real and imaginary parts. */
  Tensor folds(std::span<const float> planes);

 private:
  /** `see(first, count, group)` for groups of channels that were transformed, from several threads. */
  template <typename See>
  void for_groups(std::span<const float> planes, float* spectra, See&& see);
  /** Least |F|² that does not pass; of |F| unscaled or divided by r s. */
  dft::FoldsGroup::Numbers least(const dft::FoldsGroup& group, bool contribution) const;

  dft::FoldsPlan plan_;
  AliasingRule rule_;
  std::vector<dft::FoldsGroup> groups_;  // of each thread
};

/** Fractions of the four, each of the sum of all. */
struct AliasingFractions {
  double non_aliased = 0, aliased = 0, tangled = 0, no_pass = 0;
};
/** `legacy`: the published programs' no pass, which counts what is aliased a second time; all four are smaller for it. */
enum class Accounting { exclusive, legacy };
Accounting accounting_of(std::string_view name);
AliasingCounts accounted(AliasingCounts counts, Accounting accounting);
AliasingFractions fractions(const AliasingCounts& counts);

}  // namespace convscope

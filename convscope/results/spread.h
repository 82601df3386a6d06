#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace convscope {

/** The 97.5 % quantile of Student's t with so many degrees of freedom: a 95 % interval reaches so many standard errors to each side. */
double t_quantile_975(int64_t freedom);

/** What the value behind measurements can be. */
struct Bounds {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
};
inline constexpr Bounds kShares{0, 1}, kPercentages{0, 100}, kDifferences{-1, 1}, kCorrelations{-1, 1};

/**
 * What a few independent measurements say about the value behind them. The interval is Student's, cut to what the value can be: it leaves
 * out nothing possible, so it holds the true value as often as uncut.
 */
struct Spread {
  double mean;                      // NaN of none
  double deviation;                 // √(Σ (x − mean)² / (n − 1)); NaN of fewer than two
  std::vector<double> interval_95;  // mean ± t deviation / √n within the bounds; empty of fewer than two
};
Spread spread_of(std::span<const double> values, Bounds bounds = {});

/** The median of at least one value: between the two in the middle where they are even. */
double median_of(std::vector<double> values);
/** A 95 % interval of the median behind the values: two of them in order, (n ∓ 1.96 √n) / 2 from below, whatever their distribution. */
std::array<double, 2> median_interval_95(std::vector<double> values);

}  // namespace convscope

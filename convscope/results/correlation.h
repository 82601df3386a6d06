#pragma once

#include <span>

namespace convscope {

/** Pearson's; 0 where one of both is constant. */
double correlation(std::span<const double> a, std::span<const double> b);

/** Spearman's rank correlation, ties with their mean rank; 0 where one of both is constant and the other is not, 1 where both are. */
double rank_correlation(std::span<const float> a, std::span<const float> b);

}  // namespace convscope

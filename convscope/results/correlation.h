#pragma once

#include <span>

namespace convscope {

/** Pearson's; 0 where one of both is constant. */
double correlation(std::span<const double> a, std::span<const double> b);

/** Spearman's rank correlation, ties with their mean rank; not known where one side does not vary or has numbers that are not finite. */
double rank_correlation(std::span<const double> a, std::span<const double> b);

/** The same for things that are alike where both are constant (1), and have nothing to do with each other where it is not known (0). */
double rank_likeness(std::span<const double> a, std::span<const double> b);

}  // namespace convscope

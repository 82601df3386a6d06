#pragma once

#include <span>

namespace convscope {

/** Probability that Student's t with so many degrees of freedom, which need not be whole, lies farther from 0 than this. */
double two_sided_t(double t, double freedom);

/**
 * Welch's test of whether two sets of measurements have the same mean, without equal variances (Welch 1947): the two-sided probability of
 * means at least so far apart if they had. Of measurements that do not vary at all it is 1 where the means are equal, else 0; NaN of fewer
 * than two on either side.
 */
double welch_test(std::span<const double> a, std::span<const double> b);

}  // namespace convscope

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace convscope {

/**
 * 95 % interval of a statistic by Efron's bootstrap: images drawn with replacement, the 2.5 and 97.5 % quantiles of what the statistic then
 * is. `statistic` gets places of images; of fewer than two images the interval is not known.
 */
std::array<double, 2> bootstrap_interval_95(int64_t images, const std::function<double(std::span<const int64_t> places)>& statistic,
                                            int64_t draws = 1000);

/** Of the mean of a number for each image. */
std::array<double, 2> bootstrap_interval_of_mean(std::span<const double> values);

}  // namespace convscope

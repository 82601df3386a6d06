#pragma once

#include <span>
#include <string>

#include "convscope/report/draw/figure.h"
#include "convscope/results/aliasing_record.h"

namespace convscope {

/**
 * Each image's shares, of those the network names and of those it does not: for each category two boxes, no pass first. A group without
 * images has no boxes.
 */
Figure right_and_wrong(std::span<const AliasingShares> right, std::span<const AliasingShares> wrong, std::string_view title,
                       std::string_view subtitle);

/** `category,group,images,low,quartile_1,median,quartile_3,high,outliers`. */
std::string right_and_wrong_csv(std::span<const AliasingShares> right, std::span<const AliasingShares> wrong);

}  // namespace convscope

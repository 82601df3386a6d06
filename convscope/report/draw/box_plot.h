#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/report/draw/figure.h"
#include "convscope/results/aliasing_record.h"

namespace convscope {

/** Five numbers of a heap of values, and what lies far from them. */
struct BoxOfValues {
  double low = 0, quartile_1 = 0, median = 0, quartile_3 = 0, high = 0;  // low and high: the outermost within 1.5 interquartile ranges
  std::vector<double> outliers = {};
};
/** Quantiles lie between values where they fall so; at least one value. */
BoxOfValues box_of(std::vector<double> values);

/**
 * Each image's shares, of those the network names and of those it does not: for each category two boxes on a logit axis, no pass first. A
 * share of 0 or 1 has no place there and stands at the rim. A group without images has no boxes.
 */
Figure correct_and_wrong(std::span<const AliasingShares> correct, std::span<const AliasingShares> wrong, std::string_view title,
                         std::string_view subtitle);

/** `category,group,images,low,quartile_1,median,quartile_3,high,outliers`. */
std::string correct_and_wrong_csv(std::span<const AliasingShares> correct, std::span<const AliasingShares> wrong);

}  // namespace convscope

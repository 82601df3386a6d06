#pragma once

#include <vector>

namespace convscope {

/** Five numbers of a heap of values, and what lies far from them. */
struct BoxOfValues {
  double low = 0, quartile_1 = 0, median = 0, quartile_3 = 0, high = 0;  // low and high: the outermost within 1.5 interquartile ranges
  std::vector<double> outliers = {};
};
/** Quantiles lie between values where they fall so; at least one value. */
BoxOfValues box_of(std::vector<double> values);

}  // namespace convscope

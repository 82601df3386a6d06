#pragma once

#include <optional>

#include "convscope/report/draw/chart.h"
#include "convscope/results/box_of_values.h"

namespace convscope {

/** Shares in two groups, of one kind; a group without values has no box. */
struct BoxPair {
  std::string name;
  Colour colour;
  std::optional<BoxOfValues> first, second;
};

/** What stands below the boxes: a sign for either group, and what both are. */
struct BoxGroups {
  std::string first, second, about;
};

/** For each kind two boxes on a logit axis, the first group's paler. A share of 0 or 1 has no place there and stands at the rim. */
Figure box_pairs(std::span<const BoxPair> pairs, const BoxGroups& groups, const FigureWords& words);

}  // namespace convscope

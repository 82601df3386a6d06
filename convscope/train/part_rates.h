#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "convscope/engine/weights.h"
#include "convscope/graph/graph.h"

namespace convscope {

/** A learning rate for parameters whose names fit: a factor of the base rate, 0 for those that stay as they are. */
struct PartRate {
  std::string pattern;  // * is any letters; `head` is the last layer
  double factor = 1;
};

/** "head=1+features.*=0+*=0.1"; empty: none. */
std::vector<PartRate> parse_part_rates(std::string_view text);

/** Whether the name is what the pattern says. */
bool fits(std::string_view pattern, std::string_view name);

/** Some neighbouring numbers of the weight store that have a rate of their own. */
struct SlowRange {
  int64_t offset, floats;
  float factor;
};
/** Those with another factor than 1; of several patterns that fit a parameter the first counts. A pattern that fits none is an error. */
std::vector<SlowRange> slow_ranges(const std::vector<PartRate>& rates, const Graph& network, std::span<const Weights::Entry> entries);

}  // namespace convscope

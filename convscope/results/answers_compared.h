#pragma once

#include <optional>
#include <span>
#include <vector>

#include "convscope/results/answers.h"
#include "convscope/results/paired_difference.h"

namespace convscope {

/** What is counted of the images that both were asked about; nothing where there are none, or where they say different classes of one. */
std::optional<PairedCounts> paired_counts(std::span<const Answer> first, std::span<const Answer> second);

/** An image with what each network says about it. */
struct Dispute {
  int64_t index = 0;
  int64_t label = 0;
  std::vector<Answer> answers;  // one for each network, in their order
};

/** How many of these a page shows. */
inline constexpr size_t kMostDisputes = 24;

/** Images about which networks are of different opinions. */
struct Disputes {
  int64_t asked = 0;           // images that all were asked about
  int64_t disputed = 0;        // of them, those about which not all say the same class
  std::vector<Dispute> first;  // the most disputed
};

/**
 * The `most` images on which networks disagree most. How much is 1 − Σ (votes for a class / networks)²: more where more classes are named,
 * and by more even parts. Of equals those first of which the networks are surer on average.
 */
Disputes disputes_of(std::span<const std::vector<Answer>> networks, size_t most);

}  // namespace convscope

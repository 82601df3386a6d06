#pragma once

#include <array>
#include <cstdint>

namespace convscope {

/** Two networks on the same images, counted by which of them is right. */
struct PairedCounts {
  int64_t both = 0;
  int64_t first_alone = 0;
  int64_t second_alone = 0;
  int64_t neither = 0;

  int64_t& of(bool first, bool second) { return first ? (second ? both : first_alone) : second ? second_alone : neither; }
  int64_t total() const { return both + first_alone + second_alone + neither; }
  /** Accuracy of the first less that of the second; 0 of no images. */
  double difference() const;
};

/**
 * McNemar's test, exact and two-sided: how likely two networks that are equally often right are to differ at least so much. Only images
 * that one of them alone gets right tell anything; of these, n in all, each falls to either side like a coin (McNemar 1947):
 *
 *   p = min(1, 2 P(X ≤ min(first alone, second alone))),  X ~ Binomial(n, ½)
 */
double mcnemar_p(const PairedCounts& counts);

/**
 * 95 % interval of the difference, [low, high]; Bonett and Price 2012, a Wald interval after one image more on either side:
 *
 *   d ± z √((p₁ + p₂ − d²) / (n + 2)),  p₁ = (first alone + 1) / (n + 2), p₂ alike, d = p₁ − p₂, z = 1.96
 *
 * within −1 … 1; no images are [−1, 1].
 */
std::array<double, 2> paired_interval(const PairedCounts& counts);

}  // namespace convscope

#pragma once

#include "convscope/inspect/attribution/quality/map_metric.h"

namespace convscope {

/**
 * What of the network's changes a map does not foretell. Squares are replaced by the image's mean colour, 64 of them, their sides an eighth
 * to a half of the picture; Δ is what the target's number falls, s the evidence that the square held. With the factor β ≥ 0 that suits the
 * map best, as maps have no unit of their own:
 *
 *   E (β s − Δ)² / E Δ²,  β = max(0, E sΔ / E s²)    0: all of it, 1: nothing
 *
 * Infidelity of Yeh et al. 2019 with its square removal and optimal scaling, over what a map of zeros has.
 */
class Infidelity : public MapMetric {
 public:
  using Options = NoOptions;
  explicit Infidelity(Options) {}
  bool higher_is_better() const override { return false; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

/**
 * Correlation of the evidence in a random sixteenth of the pixels with what the target's number falls where they have the image's mean
 * colour, over 100 draws; Bhatt et al. 2020.
 */
class FaithfulnessCorrelation : public MapMetric {
 public:
  using Options = NoOptions;
  explicit FaithfulnessCorrelation(Options) {}
  Bounds bounds() const override { return kCorrelations; }
  bool higher_is_better() const override { return true; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

}  // namespace convscope

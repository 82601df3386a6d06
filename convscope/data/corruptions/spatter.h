#pragma once

#include "convscope/data/corruption.h"

namespace convscope {

/** How bright each pixel of water is, 0 … strength, whose layer [1, H, W] is 0 where none is; `scale` as `scale_of` has it. */
Planes water_shine(const Planes& layer, double strength, double scale);

/**
 * Drops on the lens, where N(μ, s) smoothed by σ is above a threshold: water (severities 1 to 3), brightened along the drops' borders as
 * the published program finds them (Canny, distance, histogram, relief), or mud (4 and 5).
 */
class Spatter : public Corruption {
 public:
  Kind kind() const override { return Kind::extra; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

}  // namespace convscope

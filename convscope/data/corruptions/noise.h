#pragma once

#include "convscope/data/corruption.h"

namespace convscope {

/** x + σ N(0, 1). */
class GaussianNoise : public Corruption {
 public:
  Kind kind() const override { return Kind::noise; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/** Poisson(λ x) / λ. */
class ShotNoise : public Corruption {
 public:
  Kind kind() const override { return Kind::noise; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/** Each number of each channel, with a probability, becomes 0 or 1, as likely. */
class ImpulseNoise : public Corruption {
 public:
  Kind kind() const override { return Kind::noise; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/** x + x σ N(0, 1). */
class SpeckleNoise : public Corruption {
 public:
  Kind kind() const override { return Kind::extra; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

}  // namespace convscope

#pragma once

#include "convscope/data/corruption.h"

namespace convscope {

/**
 * Three points of the picture moved at random and the picture with them; then each pixel taken from a place that lies off by α times random
 * numbers in [−1, 1) that were smoothed by a Gaussian of σ.
 */
class ElasticTransform : public Corruption {
 public:
  Kind kind() const override { return Kind::digital; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/** ⌊side · c⌋ cells a side, each the mean of what lies in it. */
class Pixelate : public Corruption {
 public:
  Kind kind() const override { return Kind::digital; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/** JPEG of a quality and back; colours at half the resolution. */
class JpegCompression : public Corruption {
 public:
  Kind kind() const override { return Kind::digital; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

}  // namespace convscope

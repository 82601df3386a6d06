#pragma once

#include "convscope/data/corruption.h"

namespace convscope {

/** A lens out of focus: a disk of radius r, itself blurred by a Gaussian of σ in a window of 3 × 3. Below r = 1 the disk is one pixel. */
class DefocusBlur : public Corruption {
 public:
  Kind kind() const override { return Kind::blur; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/**
 * Frosted glass: blurred, then from the last pixel to the first each takes the colour of a neighbour at most δ up and left or δ − 1 down
 * and right, then blurred again. The published program means to exchange the two and copies one: so does this.
 */
class GlassBlur : public Corruption {
 public:
  Kind kind() const override { return Kind::blur; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/** A camera that moves, at an angle of −45° to 45°. */
class MotionBlur : public Corruption {
 public:
  Kind kind() const override { return Kind::blur; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/** The mean of the picture and n zooms of it, 1, 1.01, 1.02, … times. */
class ZoomBlur : public Corruption {
 public:
  Kind kind() const override { return Kind::blur; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/** A Gaussian of σ pixels. */
class GaussianBlur : public Corruption {
 public:
  Kind kind() const override { return Kind::extra; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

}  // namespace convscope

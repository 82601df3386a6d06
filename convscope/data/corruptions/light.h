#pragma once

#include "convscope/data/corruption.h"

namespace convscope {

/** The value of hue, saturation and value raised by c. */
class Brightness : public Corruption {
 public:
  Kind kind() const override { return Kind::weather; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/** (x − mean) c + mean, the mean over each channel. */
class Contrast : public Corruption {
 public:
  Kind kind() const override { return Kind::digital; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/** Saturation · a + b. */
class Saturate : public Corruption {
 public:
  Kind kind() const override { return Kind::extra; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

}  // namespace convscope

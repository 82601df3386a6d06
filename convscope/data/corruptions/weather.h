#pragma once

#include "convscope/data/corruption.h"

namespace convscope {

/**
 * A height map on a torus of side `side`, a power of two, by the diamond-square algorithm, in [0, 1]. At each step the random part is the
 * square of an amplitude that is divided by `decay`: so the published program has it.
 */
Planes plasma(int64_t side, double decay, Chance& chance);

/** (x + k · plasma) · m / (m + k), m the picture's brightest number. */
class Fog : public Corruption {
 public:
  Kind kind() const override { return Kind::weather; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/**
 * Ice on the lens: a x + b · a part of one of five pictures of frost. The published ones are photos; ours are made: crystals that branch
 * over a blue-grey plasma, with about the same brightness. Accuracies under frost are therefore ours alone.
 */
class Frost : public Corruption {
 public:
  Kind kind() const override { return Kind::weather; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

/**
 * The picture whitened, under flakes: N(μ, s) enlarged, what is above a threshold, moved like the camera of `motion_blur` at −135° to −45°;
 * and the same flakes turned by 180°.
 */
class Snow : public Corruption {
 public:
  Kind kind() const override { return Kind::weather; }
  void apply(int64_t severity, Chance& chance, Planes& x) const override;
};

}  // namespace convscope

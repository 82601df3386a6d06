#pragma once

#include "convscope/data/augmentation.h"

namespace convscope {

/** The mirror image, left for right, of half of the pictures: y[c, i, j] = x[c, i, W − 1 − j]. */
class Flip : public Augmentation {
 public:
  using Options = NoOptions;
  explicit Flip(Options = {}) {}

  void apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const override;

  /** Whether it is mirrored. */
  bool draw(const Sample& sample) const;
};

}  // namespace convscope

#pragma once

#include "convscope/data/augmentation.h"

namespace convscope {

/**
 * The mirror image, left for right, of half of the pictures: y[c, i, j] = x[c, i, W − 1 − j].
 *
 * With `alternate` only the first epoch draws, and each picture is then mirrored in every other epoch: two epochs in a row never show the
 * same one twice, Jordan 2024 (arXiv:2404.00498), section 3.6.
 */
class Flip : public Augmentation {
 public:
  struct Options {
    bool alternate = false;

    void fields(auto&& field) { field("alternate", alternate, "mirrored in every other epoch, in turn, instead of drawn anew each time"); }
  };
  explicit Flip(Options options) : alternate_(options.alternate) {}

  void apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const override;

  /** Whether it is mirrored. */
  bool draw(const Sample& sample) const;

 private:
  bool alternate_;
};

}  // namespace convscope

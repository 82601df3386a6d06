#pragma once

#include "convscope/data/augmentation.h"

namespace convscope {

/**
 * A crop of the picture's own size at a random place of the picture with zeros around it.
 *
 *   y[c, i, j] = x[c, i + row, j + column], zero outside; row and column each −pad … pad with the same probability
 *
 * The zeros are those of raw pixels, black: what comes after a normalisation sees −mean / std there, as in the published trainings.
 */
class PadCrop : public Augmentation {
 public:
  struct Options {
    int64_t pad = 4;

    void fields(auto&& field) { field("pad", pad, "zeros on each side, and so the farthest that a picture moves"); }
    void check(std::string_view whose) const;
  };
  explicit PadCrop(Options options) : pad_(options.pad) {}

  void check(const Shape& shape) const override;
  void apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const override;

  struct Draw {
    int64_t row, column;
  };
  Draw draw(const Sample& sample) const;

 private:
  int64_t pad_;
};

}  // namespace convscope

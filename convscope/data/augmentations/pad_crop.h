#pragma once

#include <string>

#include "convscope/data/augmentation.h"

namespace convscope {

/**
 * A crop of the picture's own size at a random place of the picture with a border around it.
 *
 *   y[c, i, j] = x[c, i + row, j + column]; row and column each −pad … pad with the same probability
 *
 * Outside, x is zero or, with `border` = reflect, the picture mirrored at its outermost pixels. The zeros are those of raw pixels, black:
 * what comes after a normalisation sees −mean / std there, as in the published trainings.
 */
class PadCrop : public Augmentation {
 public:
  struct Options {
    int64_t pad = 4;
    std::string border = "black";

    void fields(auto&& field) {
      field("pad", pad, "pixels of border on each side, and so the farthest that a picture moves");
      field("border", border, "black, or reflect: the picture mirrored at its outermost pixels");
    }
    void check(std::string_view whose) const;
  };
  explicit PadCrop(Options options) : pad_(options.pad), reflects_(options.border == "reflect") {}

  void check(const Shape& shape) const override;
  void apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const override;

  struct Draw {
    int64_t row, column;
  };
  Draw draw(const Sample& sample) const;

 private:
  void move_over_black(const Draw& by, const Shape& shape, std::span<float> pixels) const;

  int64_t pad_;
  bool reflects_;
};

}  // namespace convscope

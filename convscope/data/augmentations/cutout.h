#pragma once

#include "convscope/data/augmentation.h"

namespace convscope {

/**
 * A black square, in all channels; DeVries and Taylor 2017. Its centre is any pixel with the same probability, so that it may lie partly
 * outside.
 *
 *   y[c, i, j] = 0 for row ≤ i < row + side, column ≤ j < column + side; x[c, i, j] elsewhere
 */
class Cutout : public Augmentation {
 public:
  struct Options {
    int64_t side = 16;

    void fields(auto&& field) { field("side", side, "of the square, in pixels; 16 is the paper's for CIFAR-10"); }
    void check(std::string_view whose) const;
  };
  explicit Cutout(Options options) : side_(options.side) {}

  void check(const Shape& shape) const override;
  void apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const override;

  struct Draw {
    int64_t row, column;  // of the first corner; the centre is `side` / 2 further
  };
  Draw draw(const Sample& sample, const Shape& shape) const;

 private:
  int64_t side_;
};

}  // namespace convscope

#include "convscope/data/augmentations/cutout.h"

#include <algorithm>

namespace convscope {

void Cutout::Options::check(std::string_view whose) const {
  require(side >= 1, "{}: side is {}; a whole number from 1 on was wanted", whose, side);
}

void Cutout::check(const Shape& shape) const {
  const int64_t longest = std::max(shape[1], shape[2]);
  require(side_ <= longest, "cutout: side {} for pictures {}; one from 1 to {} was wanted", side_, shape, longest);
}

Cutout::Draw Cutout::draw(const Sample& sample, const Shape& shape) const {
  const RandomStream::Block words = sample.words("cutout");
  const auto begin = [&](uint32_t word, int64_t extent) {
    return static_cast<int64_t>(word * static_cast<uint64_t>(extent) >> 32) - side_ / 2;
  };
  return {begin(words[0], shape[1]), begin(words[1], shape[2])};
}

void Cutout::apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const {
  const auto [row, column] = draw(sample, shape);
  const int64_t rows = shape[1], columns = shape[2];
  const int64_t top = std::max<int64_t>(0, row), bottom = std::min(rows, row + side_);
  const int64_t left = std::max<int64_t>(0, column), right = std::min(columns, column + side_);
  for (int64_t plane = 0; plane < shape[0]; ++plane)
    for (int64_t i = top; i < bottom; ++i) {
      float* y = pixels.data() + (plane * rows + i) * columns;
      std::fill(y + left, y + right, 0.0f);
    }
}

}  // namespace convscope

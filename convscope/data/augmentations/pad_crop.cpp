#include "convscope/data/augmentations/pad_crop.h"

#include <algorithm>
#include <cstring>

#include "convscope/data/move.h"

namespace convscope {

void PadCrop::Options::check(std::string_view whose) const {
  require(pad >= 1, "{}: pad is {}; a whole number from 1 on was wanted", whose, pad);
  require(border == "black" || border == "reflect", "{}: border is '{}'; black or reflect was wanted", whose, border);
}

void PadCrop::check(const Shape& shape) const {
  const int64_t most = std::min(shape[1], shape[2]) - 1;
  require(pad_ <= most, "pad-crop: pad {} for pictures {}; up to {} keeps a part of the picture in view", pad_, shape, most);
}

PadCrop::Draw PadCrop::draw(const Sample& sample) const {
  const RandomStream::Block words = sample.words("augment");  // flip has the third
  const auto offset = [&](uint32_t word) {
    const uint64_t places = 2 * static_cast<uint64_t>(pad_) + 1;
    return static_cast<int64_t>(word * places >> 32) - pad_;
  };
  return {offset(words[0]), offset(words[1])};
}

void PadCrop::apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const {
  const Draw by = draw(sample);
  if (reflects_) return move_reflected(shape, by.row, by.column, pixels);
  move_over_black(by, shape, pixels);
}

void PadCrop::move_over_black(const Draw& by, const Shape& shape, std::span<float> pixels) const {
  const auto [row, column] = by;
  const int64_t rows = shape[1], columns = shape[2];
  const int64_t begin = std::max<int64_t>(0, -column), end = columns - std::max<int64_t>(0, column);
  for (int64_t plane = 0; plane < shape[0]; ++plane) {
    float* image = pixels.data() + plane * rows * columns;
    for (int64_t n = 0; n < rows; ++n) {
      const int64_t i = row > 0 ? n : rows - 1 - n;  // no row is written before it was read
      float* y = image + i * columns;
      const bool inside = i + row >= 0 && i + row < rows;
      if (inside) std::memmove(y + begin, y + row * columns + begin + column, static_cast<size_t>(end - begin) * sizeof(float));
      std::fill(y, inside ? y + begin : y + columns, 0.0f);
      std::fill(y + end, y + columns, 0.0f);
    }
  }
}

}  // namespace convscope

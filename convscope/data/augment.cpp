#include "convscope/data/augment.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "convscope/data/images8.h"

namespace convscope {

namespace {

float pixel(uint8_t level) { return pixel_of_level(level); }
float pixel(float value) { return value; }

/** `x` moved and mirrored as `draw` says; both [C, H, W], `x` as levels or as pixels. */
template <typename Value>
void apply(const Augment::Draw& draw, const Shape& shape, const Value* x, float* y) {
  const int64_t rows = shape[1], columns = shape[2];
  const int64_t begin = std::max<int64_t>(0, -draw.column), end = columns - std::max<int64_t>(0, draw.column);
  for (int64_t plane = 0; plane < shape[0]; ++plane, x += rows * columns) {
    for (int64_t i = 0; i < rows; ++i, y += columns) {
      const int64_t row = i + draw.row;
      const bool inside = row >= 0 && row < rows;
      if (!inside || draw.column != 0) std::fill(y, y + columns, 0.0f);
      if (!inside) continue;
      const Value* from = x + row * columns;
      if (draw.flip)
        for (int64_t j = begin; j < end; ++j) y[columns - 1 - j] = pixel(from[j + draw.column]);
      else
        for (int64_t j = begin; j < end; ++j) y[j] = pixel(from[j + draw.column]);
    }
  }
}

void cut_out(const Augment::Draw& draw, int64_t side, const Shape& shape, std::span<float> y) {
  const int64_t rows = shape[1], columns = shape[2];
  const int64_t top = std::max<int64_t>(0, draw.cut_row), bottom = std::min(rows, draw.cut_row + side);
  const int64_t left = std::max<int64_t>(0, draw.cut_column), right = std::min(columns, draw.cut_column + side);
  for (int64_t plane = 0; plane < shape[0]; ++plane)
    for (int64_t i = top; i < bottom; ++i) {
      float* row = y.data() + (plane * rows + i) * columns;
      std::fill(row + left, row + right, 0.0f);
    }
}

}  // namespace

Augment::Augment(std::shared_ptr<const Dataset> base, Options options, uint64_t seed)
    : base_(std::move(base)), options_(options), random_(seed, "augment"), random_cut_(seed, "cutout") {
  const Shape shape = base_->image_shape();
  const int64_t most = std::min(shape[1], shape[2]) - 1;
  require(options_.pad_crop >= 0 && options_.pad_crop <= most,
          "augment: pad_crop {} for images {}; 0 to {} keep a part of the image in view", options_.pad_crop, shape, most);
  const int64_t longest = std::max(shape[1], shape[2]);
  require(options_.cutout >= 0 && options_.cutout <= longest, "augment: cutout {} for images {}; a side from 0 to {} was wanted",
          options_.cutout, shape, longest);
}

Augment::Draw Augment::draw(int64_t index, uint64_t epoch) const {
  const RandomStream::Block words = random_.block(static_cast<uint64_t>(number(index)), epoch);
  const auto offset = [&](uint32_t word) {
    const uint64_t places = 2 * static_cast<uint64_t>(options_.pad_crop) + 1;
    return static_cast<int64_t>(word * places >> 32) - options_.pad_crop;
  };
  Draw drawn{.row = offset(words[0]), .column = offset(words[1]), .flip = options_.flip && words[2] >> 31};
  if (options_.cutout > 0) {
    const RandomStream::Block cut = random_cut_.block(static_cast<uint64_t>(number(index)), epoch);
    const auto begin = [&](uint32_t word, int64_t extent) {
      return static_cast<int64_t>(word * static_cast<uint64_t>(extent) >> 32) - options_.cutout / 2;
    };
    drawn.cut_row = begin(cut[0], image_shape()[1]);
    drawn.cut_column = begin(cut[1], image_shape()[2]);
  }
  return drawn;
}

void Augment::pixels(int64_t index, uint64_t epoch, std::span<float> out) const {
  const Shape shape = image_shape();
  assert(static_cast<int64_t>(out.size()) == shape.size());
  const Draw drawn = draw(index, epoch);
  if (const std::span<const uint8_t> levels = base_->levels(index); !levels.empty()) {
    apply(drawn, shape, levels.data(), out.data());
  } else {  // over another random decorator
    std::vector<float> image(out.size());
    base_->pixels(index, epoch, image);
    apply(drawn, shape, image.data(), out.data());
  }
  if (options_.cutout > 0) cut_out(drawn, options_.cutout, shape, out);
}

}  // namespace convscope

#include "convscope/report/draw/montage.h"

#include <algorithm>
#include <cassert>

#include "convscope/tensor/resize.h"

namespace convscope {

Image montage(std::span<const Image> pictures, int64_t columns) {
  assert(!pictures.empty() && columns >= 1);
  const Image& one = pictures.front();
  const int64_t count = std::ssize(pictures), rows = (count + columns - 1) / columns;
  Image all{one.channels, rows * one.rows, columns * one.columns, {}};
  all.pixels.resize(static_cast<size_t>(all.channels * all.rows * all.columns));
  for (int64_t n = 0; n < count; ++n) {
    const Image& from = pictures[static_cast<size_t>(n)];
    assert(from.channels == one.channels && from.rows == one.rows && from.columns == one.columns);
    for (int64_t c = 0; c < one.channels; ++c)
      for (int64_t h = 0; h < one.rows; ++h)
        std::copy_n(from.pixels.begin() + (c * one.rows + h) * one.columns, one.columns,
                    all.pixels.begin() + (c * all.rows + n / columns * one.rows + h) * all.columns + n % columns * one.columns);
  }
  return all;
}

Image piece(const Image& montage, int64_t columns, int64_t rows_each, int64_t columns_each, int64_t n) {
  return crop(montage, {n / columns * rows_each, n % columns * columns_each, rows_each, columns_each});
}

Image shrunk(Image image, int64_t longest_side) {
  const int64_t side = std::max(image.rows, image.columns);
  if (side <= longest_side) return image;
  const auto scaled = [&](int64_t extent) { return std::max<int64_t>(1, extent * longest_side / side); };
  return resize(image, scaled(image.rows), scaled(image.columns));
}

Image enlarged(const Image& image, int64_t times) {
  Image out{image.channels, image.rows * times, image.columns * times, {}};
  out.pixels.reserve(static_cast<size_t>(out.channels * out.rows * out.columns));
  for (int64_t line = 0; line < image.channels * image.rows; ++line)
    for (int64_t again = 0; again < times; ++again)
      for (int64_t w = 0; w < image.columns; ++w)
        out.pixels.insert(out.pixels.end(), static_cast<size_t>(times), image.pixels[static_cast<size_t>(line * image.columns + w)]);
  return out;
}

}  // namespace convscope

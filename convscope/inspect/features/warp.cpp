#include "convscope/inspect/features/warp.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace convscope {

namespace {

/** deed(pixel of the result, pixel of the picture or −1 where it is outside, weight), four for each pixel of the result. */
template <typename Deed>
void each_share(const Shape& image, const Warp& by, Deed&& deed) {
  const int64_t rows = image[1], columns = image[2];
  const double angle = by.degrees * std::numbers::pi / 180, cosine = std::cos(angle) / by.scale, sine = std::sin(angle) / by.scale;
  const double middle_row = 0.5 * static_cast<double>(rows - 1), middle_column = 0.5 * static_cast<double>(columns - 1);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      const double y = static_cast<double>(i) - middle_row - by.down, x = static_cast<double>(j) - middle_column - by.right;
      const double row = middle_row + cosine * y - sine * x, column = middle_column + sine * y + cosine * x;
      const auto top = static_cast<int64_t>(std::floor(row)), left = static_cast<int64_t>(std::floor(column));
      const double down = row - static_cast<double>(top), right = column - static_cast<double>(left);
      for (int64_t a = 0; a < 2; ++a)
        for (int64_t b = 0; b < 2; ++b) {
          const int64_t r = top + a, c = left + b;
          const bool inside = r >= 0 && c >= 0 && r < rows && c < columns;
          deed(i * columns + j, inside ? r * columns + c : -1,
               static_cast<float>((a == 1 ? down : 1 - down) * (b == 1 ? right : 1 - right)));
        }
    }
}

}  // namespace

Warp random_warp(const Shape& image, const RandomStream& random, uint64_t step) {
  constexpr double kShift = 12.0 / 128, kSize = 0.1;
  const double degrees = std::min(image[1], image[2]) < 64 ? 5 : 10;
  const auto drawn = [&](uint64_t index) { return 2 * static_cast<double>(random.uniform(index, step)) - 1; };
  Warp by;
  by.down = std::round(drawn(0) * kShift * static_cast<double>(image[1]));
  by.right = std::round(drawn(1) * kShift * static_cast<double>(image[2]));
  by.scale = 1 + kSize * drawn(2);
  if (random.uniform(4, step) < 0.5f) by.degrees = degrees * drawn(3);
  return by;
}

Warp random_crop(const Shape& image, const RandomStream& random, uint64_t step) {
  constexpr double kLeastSide = 0.5;
  const auto drawn = [&](uint64_t index) { return static_cast<double>(random.uniform(index, step)); };
  const double side = kLeastSide + (1 - kLeastSide) * drawn(0);
  Warp by;
  by.scale = 1 / side;
  by.down = (2 * drawn(1) - 1) * 0.5 * (1 - side) * static_cast<double>(image[1] - 1) * by.scale;
  by.right = (2 * drawn(2) - 1) * 0.5 * (1 - side) * static_cast<double>(image[2] - 1) * by.scale;
  return by;
}

void warp(std::span<const float> picture, const Shape& image, const Warp& by, std::span<float> out) {
  constexpr float kOutside = 0.5f;
  const int64_t plane = image[1] * image[2];
  std::fill(out.begin(), out.end(), 0.0f);
  each_share(image, by, [&](int64_t to, int64_t from, float weight) {
    for (int64_t c = 0; c < image[0]; ++c)
      out[static_cast<size_t>(c * plane + to)] += weight * (from < 0 ? kOutside : picture[static_cast<size_t>(c * plane + from)]);
  });
}

void warp_slope(std::span<const float> out_slope, const Shape& image, const Warp& by, std::span<float> picture_slope) {
  const int64_t plane = image[1] * image[2];
  std::fill(picture_slope.begin(), picture_slope.end(), 0.0f);
  each_share(image, by, [&](int64_t to, int64_t from, float weight) {
    if (from < 0) return;
    for (int64_t c = 0; c < image[0]; ++c)
      picture_slope[static_cast<size_t>(c * plane + from)] += weight * out_slope[static_cast<size_t>(c * plane + to)];
  });
}

}  // namespace convscope

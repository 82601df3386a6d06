#include "convscope/tensor/slic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace convscope {

namespace {

/** CIELAB of sRGB, white D65. */
std::array<double, 3> lab(double red, double green, double blue) {
  const auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
  const auto bent = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
  const double r = linear(red), g = linear(green), b = linear(blue);
  const double x = bent((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const double y = bent(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
  const double z = bent((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

struct Centre {
  std::vector<double> colour;
  double row = 0, column = 0;
};

class Slic {
 public:
  Slic(std::span<const float> image, const Shape& shape, const SlicOptions& options)
      : rows_(shape[1]), columns_(shape[2]), channels_(shape[0]), options_(options), colours_(image.size()) {
    const size_t plane = static_cast<size_t>(rows_ * columns_), c = static_cast<size_t>(channels_);
    for (size_t i = 0; i < plane; ++i) {
      if (channels_ == 3) {
        const auto colour = lab(image[i], image[plane + i], image[2 * plane + i]);
        std::copy(colour.begin(), colour.end(), colours_.begin() + static_cast<std::ptrdiff_t>(3 * i));
      } else {
        for (size_t k = 0; k < c; ++k) colours_[c * i + k] = 100 * static_cast<double>(image[k * plane + i]);
      }
    }
    step_ = std::max(1.0, std::sqrt(static_cast<double>(plane) / static_cast<double>(options.segments)));
    place_centres();
  }

  Superpixels cut() {
    std::vector<int64_t> nearest(static_cast<size_t>(rows_ * columns_));
    for (int64_t i = 0; i < options_.iterations; ++i) {
      nearest = assigned();
      move_centres(nearest);
    }
    return connected(nearest);
  }

 private:
  std::span<const double> colour(int64_t pixel) const {
    return std::span(colours_).subspan(static_cast<size_t>(pixel * channels_), static_cast<size_t>(channels_));
  }

  void place_centres() {
    const auto along = [&](int64_t extent) { return std::max<int64_t>(1, std::llround(static_cast<double>(extent) / step_)); };
    const int64_t down = along(rows_), across = along(columns_);
    for (int64_t i = 0; i < down; ++i)
      for (int64_t j = 0; j < across; ++j) {
        const int64_t row = (2 * i + 1) * rows_ / (2 * down), column = (2 * j + 1) * columns_ / (2 * across);
        const auto own = colour(row * columns_ + column);
        centres_.push_back({{own.begin(), own.end()}, static_cast<double>(row), static_cast<double>(column)});
      }
  }

  std::vector<int64_t> assigned() const {
    std::vector<int64_t> nearest(static_cast<size_t>(rows_ * columns_), 0);
    std::vector<double> least(nearest.size(), std::numeric_limits<double>::infinity());
    const double place_weight = options_.compactness * options_.compactness / (step_ * step_);
    const auto reach = static_cast<int64_t>(std::ceil(2 * step_));
    for (size_t k = 0; k < centres_.size(); ++k) {
      const Centre& centre = centres_[k];
      const int64_t row = std::llround(centre.row), column = std::llround(centre.column);
      for (int64_t i = std::max<int64_t>(0, row - reach); i < std::min(rows_, row + reach + 1); ++i)
        for (int64_t j = std::max<int64_t>(0, column - reach); j < std::min(columns_, column + reach + 1); ++j) {
          const auto own = colour(i * columns_ + j);
          const double up = static_cast<double>(i) - centre.row, right = static_cast<double>(j) - centre.column;
          double d = place_weight * (up * up + right * right);
          for (size_t c = 0; c < own.size(); ++c) d += (own[c] - centre.colour[c]) * (own[c] - centre.colour[c]);
          const auto at = static_cast<size_t>(i * columns_ + j);
          if (d < least[at]) {
            least[at] = d;
            nearest[at] = static_cast<int64_t>(k);
          }
        }
    }
    return nearest;
  }

  void move_centres(std::span<const int64_t> nearest) {
    std::vector<Centre> sums(centres_.size(), {std::vector<double>(static_cast<size_t>(channels_)), 0, 0});
    std::vector<double> counts(centres_.size());
    for (int64_t pixel = 0; pixel < std::ssize(nearest); ++pixel) {
      const auto k = static_cast<size_t>(nearest[static_cast<size_t>(pixel)]);
      const auto own = colour(pixel);
      for (size_t c = 0; c < own.size(); ++c) sums[k].colour[c] += own[c];
      sums[k].row += static_cast<double>(pixel / columns_);
      sums[k].column += static_cast<double>(pixel % columns_);
      ++counts[k];
    }
    for (size_t k = 0; k < centres_.size(); ++k) {
      if (counts[k] == 0) continue;
      for (double& v : sums[k].colour) v /= counts[k];
      centres_[k] = {std::move(sums[k].colour), sums[k].row / counts[k], sums[k].column / counts[k]};
    }
  }

  Superpixels connected(std::span<const int64_t> nearest) const {
    Superpixels cut{std::vector<int64_t>(nearest.size(), -1), 0};
    const double least = step_ * step_ / 4;
    for (int64_t first = 0; first < std::ssize(nearest); ++first) {
      if (cut.label[static_cast<size_t>(first)] >= 0) continue;
      std::vector<int64_t> piece{first};
      cut.label[static_cast<size_t>(first)] = cut.count;
      int64_t neighbour = -1;
      for (size_t at = 0; at < piece.size(); ++at)
        each_beside(piece[at], [&](int64_t other) {
          int64_t& label = cut.label[static_cast<size_t>(other)];
          if (label < 0 && nearest[static_cast<size_t>(other)] == nearest[static_cast<size_t>(first)]) {
            label = cut.count;
            piece.push_back(other);
          } else if (label >= 0 && label != cut.count) {
            neighbour = label;
          }
        });
      if (static_cast<double>(piece.size()) < least && neighbour >= 0) {
        for (const int64_t pixel : piece) cut.label[static_cast<size_t>(pixel)] = neighbour;
      } else {
        ++cut.count;
      }
    }
    return cut;
  }

  template <typename Deed>
  void each_beside(int64_t pixel, Deed&& deed) const {
    const int64_t row = pixel / columns_, column = pixel % columns_;
    if (column > 0) deed(pixel - 1);
    if (row > 0) deed(pixel - columns_);
    if (column + 1 < columns_) deed(pixel + 1);
    if (row + 1 < rows_) deed(pixel + columns_);
  }

  int64_t rows_, columns_, channels_;
  SlicOptions options_;
  std::vector<double> colours_;  // [H W, C]
  double step_ = 1;              // S
  std::vector<Centre> centres_;
};

}  // namespace

Superpixels slic(std::span<const float> image, const Shape& shape, const SlicOptions& options) {
  require(shape.rank() == 3 && shape.size() == std::ssize(image) && shape.size() > 0, "superpixels of {}: [C, H, W] was wanted", shape);
  require(options.segments >= 1 && options.compactness > 0 && options.iterations >= 1,
          "superpixels: {} segments of compactness {} in {} iterations; all are above 0", options.segments, options.compactness,
          options.iterations);
  return Slic(image, shape, options).cut();
}

}  // namespace convscope

#include "convscope/inspect/features/fourier_image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

namespace convscope {

namespace {

/** C over its longest column, row by row; Lucid's of ImageNet. */
constexpr double kLongest = 0.4619524;  // √(0.26² + 0.27² + 0.27²)
constexpr std::array<double, 9> kColours{0.26, 0.09, 0.02, 0.27, 0.00, -0.05, 0.27, -0.09, 0.03};

constexpr double kQuarter = 0.25;  // Lucid divides what comes out of the transform by 4

}  // namespace

PictureParameters::PictureParameters(const Shape& image, Options options)
    : channels_(image[0]), transform_(image[1], image[2]), options_(options) {
  const int64_t rows = image[1], columns = image[2];
  size_ = channels_ * (options_.fourier ? 2 * rows * transform_.half() : rows * columns);
  if (!options_.fourier) return;
  const double longest = static_cast<double>(std::max(rows, columns)), area = static_cast<double>(rows * columns);
  for (int64_t u = 0; u < rows; ++u)
    for (int64_t v = 0; v < transform_.half(); ++v) {
      const double f = std::hypot(cycles_a_pixel(u, rows), static_cast<double>(v) / static_cast<double>(columns));
      scale_.push_back(static_cast<float>(std::sqrt(area) / std::pow(std::max(f, 1 / longest), options_.decay)));
    }
}

void PictureParameters::picture(std::span<const float> numbers, std::span<float> picture) const {
  const int64_t plane = transform_.rows() * transform_.columns();
  const size_t area = static_cast<size_t>(plane), of_plane = 2 * scale_.size();
  if (options_.fourier) {
    std::vector<float> spectrum(of_plane);
    for (size_t c = 0; c < static_cast<size_t>(channels_); ++c) {
      for (size_t i = 0; i < of_plane; ++i) spectrum[i] = numbers[c * of_plane + i] * scale_[i % scale_.size()];
      transform_.inverse(spectrum, picture.subspan(c * area, area), kQuarter);
    }
  } else {
    std::copy(numbers.begin(), numbers.end(), picture.begin());
  }
  if (options_.decorrelate && channels_ == 3)
    for (int64_t i = 0; i < plane; ++i) {
      std::array<double, 3> mixed{};
      for (size_t k = 0; k < 3; ++k)
        for (size_t c = 0; c < 3; ++c)
          mixed[k] += kColours[3 * k + c] / kLongest * picture[static_cast<size_t>(static_cast<int64_t>(c) * plane + i)];
      for (size_t k = 0; k < 3; ++k) picture[static_cast<size_t>(static_cast<int64_t>(k) * plane + i)] = static_cast<float>(mixed[k]);
    }
  for (float& v : picture) v = 1 / (1 + std::exp(-v));
}

void PictureParameters::slope(std::span<const float>, std::span<const float> picture, std::span<const float> picture_slope,
                              std::span<float> numbers_slope) const {
  const int64_t plane = transform_.rows() * transform_.columns();
  std::vector<float> g(picture.size());
  for (size_t i = 0; i < g.size(); ++i) g[i] = picture_slope[i] * picture[i] * (1 - picture[i]);
  if (options_.decorrelate && channels_ == 3)
    for (int64_t i = 0; i < plane; ++i) {
      std::array<double, 3> mixed{};
      for (size_t k = 0; k < 3; ++k)
        for (size_t c = 0; c < 3; ++c)
          mixed[c] += kColours[3 * k + c] / kLongest * g[static_cast<size_t>(static_cast<int64_t>(k) * plane + i)];
      for (size_t c = 0; c < 3; ++c) g[static_cast<size_t>(static_cast<int64_t>(c) * plane + i)] = static_cast<float>(mixed[c]);
    }
  if (!options_.fourier) {
    std::copy(g.begin(), g.end(), numbers_slope.begin());
    return;
  }
  const size_t area = static_cast<size_t>(plane), of_plane = 2 * scale_.size();
  for (size_t c = 0; c < static_cast<size_t>(channels_); ++c) {
    const std::span<float> own = numbers_slope.subspan(c * of_plane, of_plane);
    transform_.adjoint(std::span<const float>(g).subspan(c * area, area), own, kQuarter);
    for (size_t i = 0; i < of_plane; ++i) own[i] *= scale_[i % scale_.size()];
  }
}

double high_frequency_share(std::span<const float> picture, const Shape& image) {
  const int64_t rows = image[1], columns = image[2];
  double high = 0, all = 0;
  for (int64_t c = 0; c < image[0]; ++c) {
    const auto own = picture.subspan(static_cast<size_t>(c * rows * columns), static_cast<size_t>(rows * columns));
    const double mean = std::accumulate(own.begin(), own.end(), 0.0) / static_cast<double>(own.size());
    // Σ over i of e^(−2πi u i / H) of each column, then over columns; half of the frequencies, as pictures are real.
    for (int64_t u = 0; u < rows; ++u) {
      std::vector<double> real(static_cast<size_t>(columns)), rest(static_cast<size_t>(columns));
      for (int64_t i = 0; i < rows; ++i) {
        const double angle = 2 * std::numbers::pi * static_cast<double>(u * i % rows) / static_cast<double>(rows);
        const double cosine = std::cos(angle), sine = std::sin(angle);
        for (int64_t j = 0; j < columns; ++j) {
          const double v = own[static_cast<size_t>(i * columns + j)] - mean;
          real[static_cast<size_t>(j)] += cosine * v;
          rest[static_cast<size_t>(j)] -= sine * v;
        }
      }
      for (int64_t v = 0; v <= columns / 2; ++v) {
        if (u == 0 && v == 0) continue;
        double a = 0, b = 0;
        for (int64_t j = 0; j < columns; ++j) {
          const double angle = 2 * std::numbers::pi * static_cast<double>(v * j % columns) / static_cast<double>(columns);
          a += real[static_cast<size_t>(j)] * std::cos(angle) + rest[static_cast<size_t>(j)] * std::sin(angle);
          b += rest[static_cast<size_t>(j)] * std::cos(angle) - real[static_cast<size_t>(j)] * std::sin(angle);
        }
        const double energy = (v == 0 || 2 * v == columns ? 1 : 2) * (a * a + b * b);
        all += energy;
        if (std::hypot(cycles_a_pixel(u, rows), static_cast<double>(v) / static_cast<double>(columns)) > 0.25) high += energy;
      }
    }
  }
  return all > 0 ? high / all : 0;
}

}  // namespace convscope

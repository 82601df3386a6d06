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

double cycles(int64_t k, int64_t extent) { return static_cast<double>(2 * k > extent ? k - extent : k) / static_cast<double>(extent); }

}  // namespace

PictureParameters::PictureParameters(const Shape& image, Options options)
    : channels_(image[0]), rows_(image[1]), columns_(image[2]), half_(image[2] / 2 + 1), options_(options) {
  size_ = channels_ * (options_.fourier ? 2 * rows_ * half_ : rows_ * columns_);
  if (!options_.fourier) return;
  const double longest = static_cast<double>(std::max(rows_, columns_)), area = static_cast<double>(rows_ * columns_);
  for (int64_t u = 0; u < rows_; ++u)
    for (int64_t v = 0; v < half_; ++v) {
      const double f = std::hypot(cycles(u, rows_), static_cast<double>(v) / static_cast<double>(columns_));
      scale_.push_back(static_cast<float>(std::sqrt(area) / std::pow(std::max(f, 1 / longest), options_.decay)));
    }
  const auto angle = [](int64_t k, int64_t i, int64_t extent) {
    return 2 * std::numbers::pi * static_cast<double>(k * i % extent) / static_cast<double>(extent);
  };
  for (int64_t u = 0; u < rows_; ++u)
    for (int64_t i = 0; i < rows_; ++i) {
      row_cos_.push_back(std::cos(angle(u, i, rows_)));
      row_sin_.push_back(std::sin(angle(u, i, rows_)));
    }
  for (int64_t v = 0; v < half_; ++v)
    for (int64_t j = 0; j < columns_; ++j) {
      // All frequencies but the first and an even width's last one stand for two.
      const double count = (v == 0 || 2 * v == columns_ ? 1 : 2) / area / 4;
      column_cos_.push_back(count * std::cos(angle(v, j, columns_)));
      column_sin_.push_back(count * std::sin(angle(v, j, columns_)));
    }
}

void PictureParameters::inverse(const float* spectrum, float* plane) const {
  const auto h = static_cast<size_t>(half_), rows = static_cast<size_t>(rows_), columns = static_cast<size_t>(columns_);
  const float* imaginary = spectrum + rows * h;
  std::vector<double> real(h), rest(h), row(columns);
  for (size_t i = 0; i < rows; ++i) {
    std::fill(real.begin(), real.end(), 0.0);
    std::fill(rest.begin(), rest.end(), 0.0);
    for (size_t u = 0; u < rows; ++u) {
      const double c = row_cos_[u * rows + i], s = row_sin_[u * rows + i];
      for (size_t v = 0; v < h; ++v) {
        const double a = spectrum[u * h + v] * scale_[u * h + v], b = imaginary[u * h + v] * scale_[u * h + v];
        real[v] += a * c - b * s;
        rest[v] += a * s + b * c;
      }
    }
    std::fill(row.begin(), row.end(), 0.0);
    for (size_t v = 0; v < h; ++v)
      for (size_t j = 0; j < columns; ++j) row[j] += real[v] * column_cos_[v * columns + j] - rest[v] * column_sin_[v * columns + j];
    for (size_t j = 0; j < columns; ++j) plane[i * columns + j] = static_cast<float>(row[j]);
  }
}

void PictureParameters::adjoint(const float* plane, float* spectrum) const {
  const auto h = static_cast<size_t>(half_), rows = static_cast<size_t>(rows_), columns = static_cast<size_t>(columns_);
  std::vector<double> real(rows * h), rest(rows * h), a(h), b(h);
  for (size_t i = 0; i < rows; ++i)
    for (size_t v = 0; v < h; ++v)
      for (size_t j = 0; j < columns; ++j) {
        real[i * h + v] += plane[i * columns + j] * column_cos_[v * columns + j];
        rest[i * h + v] -= plane[i * columns + j] * column_sin_[v * columns + j];
      }
  for (size_t u = 0; u < rows; ++u) {
    std::fill(a.begin(), a.end(), 0.0);
    std::fill(b.begin(), b.end(), 0.0);
    for (size_t i = 0; i < rows; ++i) {
      const double c = row_cos_[u * rows + i], s = row_sin_[u * rows + i];
      for (size_t v = 0; v < h; ++v) {
        a[v] += real[i * h + v] * c + rest[i * h + v] * s;
        b[v] += rest[i * h + v] * c - real[i * h + v] * s;
      }
    }
    for (size_t v = 0; v < h; ++v) {
      spectrum[u * h + v] = static_cast<float>(a[v] * scale_[u * h + v]);
      spectrum[(rows + u) * h + v] = static_cast<float>(b[v] * scale_[u * h + v]);
    }
  }
}

void PictureParameters::picture(std::span<const float> numbers, std::span<float> picture) const {
  const int64_t plane = rows_ * columns_;
  if (options_.fourier)
    for (int64_t c = 0; c < channels_; ++c) inverse(numbers.data() + c * 2 * rows_ * half_, picture.data() + c * plane);
  else
    std::copy(numbers.begin(), numbers.end(), picture.begin());
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

void PictureParameters::slope(std::span<const float> picture, std::span<const float> picture_slope, std::span<float> numbers_slope) const {
  const int64_t plane = rows_ * columns_;
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
  if (options_.fourier)
    for (int64_t c = 0; c < channels_; ++c) adjoint(g.data() + c * plane, numbers_slope.data() + c * 2 * rows_ * half_);
  else
    std::copy(g.begin(), g.end(), numbers_slope.begin());
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
        if (std::hypot(cycles(u, rows), static_cast<double>(v) / static_cast<double>(columns)) > 0.25) high += energy;
      }
    }
  }
  return all > 0 ? high / all : 0;
}

}  // namespace convscope

#include "convscope/inspect/features/half_spectrum.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace convscope {

double cycles_a_pixel(int64_t k, int64_t extent) {
  return static_cast<double>(2 * k > extent ? k - extent : k) / static_cast<double>(extent);
}

HalfSpectrum::HalfSpectrum(int64_t rows, int64_t columns) : rows_(rows), columns_(columns), half_(columns / 2 + 1) {
  const auto angle = [](int64_t k, int64_t i, int64_t extent) {
    return 2 * std::numbers::pi * static_cast<double>(k * i % extent) / static_cast<double>(extent);
  };
  for (int64_t u = 0; u < rows_; ++u)
    for (int64_t i = 0; i < rows_; ++i) {
      row_cos_.push_back(std::cos(angle(u, i, rows_)));
      row_sin_.push_back(std::sin(angle(u, i, rows_)));
    }
  const double area = static_cast<double>(rows_ * columns_);
  for (int64_t v = 0; v < half_; ++v)
    for (int64_t j = 0; j < columns_; ++j) {
      const double weight = static_cast<double>(count(v)) / area;
      column_cos_.push_back(weight * std::cos(angle(v, j, columns_)));
      column_sin_.push_back(weight * std::sin(angle(v, j, columns_)));
    }
}

void HalfSpectrum::inverse(std::span<const float> spectrum, std::span<float> plane, double factor) const {
  const auto h = static_cast<size_t>(half_), rows = static_cast<size_t>(rows_), columns = static_cast<size_t>(columns_);
  const float* imaginary = spectrum.data() + rows * h;
  std::vector<double> real(h), rest(h), row(columns);
  for (size_t i = 0; i < rows; ++i) {
    std::fill(real.begin(), real.end(), 0.0);
    std::fill(rest.begin(), rest.end(), 0.0);
    for (size_t u = 0; u < rows; ++u) {
      const double c = row_cos_[u * rows + i], s = row_sin_[u * rows + i];
      for (size_t v = 0; v < h; ++v) {
        const double a = spectrum[u * h + v], b = imaginary[u * h + v];
        real[v] += a * c - b * s;
        rest[v] += a * s + b * c;
      }
    }
    std::fill(row.begin(), row.end(), 0.0);
    for (size_t v = 0; v < h; ++v)
      for (size_t j = 0; j < columns; ++j) row[j] += real[v] * column_cos_[v * columns + j] - rest[v] * column_sin_[v * columns + j];
    for (size_t j = 0; j < columns; ++j) plane[i * columns + j] = static_cast<float>(factor * row[j]);
  }
}

void HalfSpectrum::adjoint(std::span<const float> plane, std::span<float> spectrum, double factor) const {
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
      spectrum[u * h + v] = static_cast<float>(factor * a[v]);
      spectrum[(rows + u) * h + v] = static_cast<float>(factor * b[v]);
    }
  }
}

void HalfSpectrum::forward(std::span<const float> plane, std::span<float> spectrum) const {
  adjoint(plane, spectrum, static_cast<double>(rows_ * columns_));
  for (int64_t part = 0; part < 2 * rows_; ++part)
    for (int64_t v = 0; v < half_; ++v) spectrum[static_cast<size_t>(part * half_ + v)] /= static_cast<float>(count(v));
}

}  // namespace convscope

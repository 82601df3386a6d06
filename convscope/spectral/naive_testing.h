#pragma once

/** The definition, word for word, in double and as slow as can be: the truth for tests. Not installed. */

#include <cmath>
#include <complex>
#include <numbers>

#include "convscope/spectral/aliasing.h"

namespace convscope::testing_spectral {

using Complex = std::complex<double>;

inline Complex root(int64_t j, int64_t n) {
  return std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(j % n) / static_cast<double>(n));
}

inline std::vector<Complex> naive_dft(const std::vector<Complex>& x) {
  const int64_t n = std::ssize(x);
  std::vector<Complex> y(x.size());
  for (int64_t k = 0; k < n; ++k)
    for (int64_t j = 0; j < n; ++j) y[static_cast<size_t>(k)] += x[static_cast<size_t>(j)] * root(j * k, n);
  return y;
}

/** [rows, columns] of x [n, m] with zeros behind. */
inline std::vector<Complex> naive_dft2(const std::vector<double>& x, int64_t n, int64_t m, int64_t rows, int64_t columns) {
  std::vector<Complex> half(static_cast<size_t>(n * columns)), all(static_cast<size_t>(rows * columns));
  for (int64_t y = 0; y < n; ++y)
    for (int64_t l = 0; l < columns; ++l)
      for (int64_t a = 0; a < m; ++a)
        half[static_cast<size_t>(y * columns + l)] += x[static_cast<size_t>(y * m + a)] * root(a * l, columns);
  for (int64_t k = 0; k < rows; ++k)
    for (int64_t l = 0; l < columns; ++l)
      for (int64_t y = 0; y < n; ++y)
        all[static_cast<size_t>(k * columns + l)] += half[static_cast<size_t>(y * columns + l)] * root(y * k, rows);
  return all;
}

struct Naive {
  std::vector<Complex> x, y;                      // X [r n, s m], Y [n, m]
  std::vector<Category> published, contribution;  // [n, m], zero frequency first
};

inline Naive naive_aliasing(const std::vector<double>& signal, int64_t n, int64_t m, Rate rate, AliasingRule rule) {
  const int64_t r = rate.rows, s = rate.columns;
  Naive naive{naive_dft2(signal, n, m, r * n, s * m), std::vector<Complex>(static_cast<size_t>(n * m)), {}, {}};
  const auto fold = [&](int64_t i, int64_t j, int64_t u, int64_t v) {
    return naive.x[static_cast<size_t>((i * n + u) * s * m + j * m + v)];
  };
  double largest = 0, sum = 0;
  for (int64_t u = 0; u < n; ++u)
    for (int64_t v = 0; v < m; ++v) {
      Complex& y = naive.y[static_cast<size_t>(u * m + v)];
      for (int64_t i = 0; i < r; ++i)
        for (int64_t j = 0; j < s; ++j) y += fold(i, j, u, v) / static_cast<double>(r * s);
      largest = std::max(largest, std::norm(y));
      sum += std::norm(y);
    }
  const double reference = rule.reference == Reference::max ? largest : sum / static_cast<double>(n * m);
  for (const double scale : {1.0, 1.0 / static_cast<double>(r * s)}) {
    for (int64_t u = 0; u < n; ++u)
      for (int64_t v = 0; v < m; ++v) {
        int64_t passing = 0;
        bool base = false;
        for (int64_t i = 0; i < r; ++i)
          for (int64_t j = 0; j < s; ++j) {
            if (!(std::norm(scale * fold(i, j, u, v)) > std::pow(10, -rule.passing_db / 10) * reference)) continue;
            ++passing;
            base = base || (i == (2 * u < n ? 0 : r - 1) && j == (2 * v < m ? 0 : s - 1));
          }
        (scale == 1.0 ? naive.published : naive.contribution)
            .push_back(passing == 0  ? Category::no_pass
                       : passing > 1 ? Category::tangled
                       : base        ? Category::non_aliased
                                     : Category::aliased);
      }
    if (r * s == 1 && scale == 1.0) {
      naive.contribution = naive.published;
      break;
    }
  }
  return naive;
}

inline AliasingCounts counted(const std::vector<Category>& categories) {
  AliasingCounts counts;
  for (const Category c : categories)
    ++(c == Category::no_pass       ? counts.no_pass
       : c == Category::non_aliased ? counts.non_aliased
       : c == Category::aliased     ? counts.aliased
                                    : counts.tangled);
  return counts;
}

/** Uniform noise in [−½, ½) of the study's golden values. */
inline std::vector<double> noise(int64_t n, int64_t m, uint32_t seed) {
  std::vector<double> x;
  for (int64_t i = 0; i < n * m; ++i) {
    seed = 1664525u * seed + 1013904223u;
    x.push_back(static_cast<double>(seed) / 4294967296.0 - 0.5);
  }
  return x;
}
/** Means over windows of 3 × 3 of such noise. */
inline std::vector<double> blurred_noise(int64_t n, int64_t m, uint32_t seed) {
  const std::vector<double> all = noise(n + 2, m + 2, seed);
  std::vector<double> x(static_cast<size_t>(n * m));
  for (int64_t y = 0; y < n; ++y)
    for (int64_t a = 0; a < m; ++a)
      for (int64_t k = 0; k < 9; ++k) x[static_cast<size_t>(y * m + a)] += all[static_cast<size_t>((y + k / 3) * (m + 2) + a + k % 3)] / 9;
  return x;
}
/** cos(π f_x a + 0.3) cos(π f_y b + 0.7). */
inline std::vector<double> oscillation(int64_t n, int64_t m, double fx, double fy) {
  std::vector<double> x;
  for (int64_t b = 0; b < n; ++b)
    for (int64_t a = 0; a < m; ++a)
      x.push_back(std::cos(std::numbers::pi * fx * static_cast<double>(a) + 0.3) *
                  std::cos(std::numbers::pi * fy * static_cast<double>(b) + 0.7));
  return x;
}

}  // namespace convscope::testing_spectral

#include "convscope/tensor/symmetric.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace convscope {

namespace {

/** A square matrix and the rotations of its rows (and, in A, its columns). */
struct Square {
  std::vector<double>& numbers;
  size_t size;
  double& at(size_t i, size_t j) const { return numbers[i * size + j]; }

  void rotate_rows(size_t p, size_t q, double cosine, double sine) const {
    for (size_t k = 0; k < size; ++k) rotate(at(p, k), at(q, k), cosine, sine);
  }
  void rotate_columns(size_t p, size_t q, double cosine, double sine) const {
    for (size_t k = 0; k < size; ++k) rotate(at(k, p), at(k, q), cosine, sine);
  }
  static void rotate(double& x, double& y, double cosine, double sine) {
    const double old = x;
    x = cosine * old - sine * y;
    y = sine * old + cosine * y;
  }
};

/** One rotation that makes a[p, q] zero; Golub and Van Loan, Matrix Computations, 8.5.2. False where it is nothing already. */
bool annihilate(const Square& a, const Square& vectors, size_t p, size_t q) {
  const double off = a.at(p, q), p_p = a.at(p, p), q_q = a.at(q, q);
  if (std::abs(off) <= 1e-16 * std::sqrt(std::abs(p_p * q_q)) || off == 0) return false;
  const double tau = (q_q - p_p) / (2 * off), tangent = std::copysign(1.0, tau) / (std::abs(tau) + std::hypot(1.0, tau));
  const double cosine = 1 / std::hypot(1.0, tangent), sine = tangent * cosine;
  a.rotate_rows(p, q, cosine, sine);
  a.rotate_columns(p, q, cosine, sine);
  vectors.rotate_rows(p, q, cosine, sine);
  return true;
}

}  // namespace

SymmetricEigen symmetric_eigen(std::vector<double> a) {
  const auto size = static_cast<size_t>(std::lround(std::sqrt(static_cast<double>(a.size()))));
  assert(size * size == a.size());
  std::vector<double> vectors(a.size());
  for (size_t i = 0; i < size; ++i) vectors[i * size + i] = 1;

  constexpr int kMostSweeps = 60;  // it takes fewer than ten
  bool moved = true;
  for (int sweep = 0; moved && sweep < kMostSweeps; ++sweep) {
    moved = false;
    for (size_t p = 0; p < size; ++p)
      for (size_t q = p + 1; q < size; ++q) moved |= annihilate({a, size}, {vectors, size}, p, q);
  }

  std::vector<size_t> order(size);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return a[i * size + i] > a[j * size + j]; });
  SymmetricEigen sorted;
  for (const size_t i : order) {
    sorted.values.push_back(a[i * size + i]);
    const auto row = vectors.begin() + static_cast<std::ptrdiff_t>(i * size), end = row + static_cast<std::ptrdiff_t>(size);
    const auto largest = std::max_element(row, end, [](double x, double y) { return std::abs(x) < std::abs(y); });
    const double sign = size > 0 && *largest < 0 ? -1 : 1;
    std::transform(row, end, std::back_inserter(sorted.vectors), [&](double x) { return sign * x; });
  }
  return sorted;
}

}  // namespace convscope

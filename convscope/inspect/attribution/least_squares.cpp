#include "convscope/inspect/attribution/least_squares.h"

#include <algorithm>
#include <cmath>

namespace convscope {

namespace {

/** Solves A x = b for a symmetric A ≥ 0, [D, D], by Cholesky's decomposition; a direction that A does not have gets nothing. */
std::vector<double> solved(std::vector<double> a, std::vector<double> b) {
  const size_t n = b.size();
  double largest = 0;
  for (size_t i = 0; i < n; ++i) largest = std::max(largest, a[i * n + i]);
  const double least = 1e-12 * largest;
  std::vector<bool> open(n, true);
  for (size_t j = 0; j < n; ++j) {
    double pivot = a[j * n + j];
    for (size_t k = 0; k < j; ++k) pivot -= a[j * n + k] * a[j * n + k];
    open[j] = pivot > least;
    for (size_t i = j; i < n; ++i) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = open[j] ? (i == j ? std::sqrt(pivot) : sum / std::sqrt(pivot)) : 0;
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] = open[i] ? b[i] / a[i * n + i] : 0;
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] = open[i] ? b[i] / a[i * n + i] : 0;
  }
  return b;
}

}  // namespace

void LeastSquares::add(double weight, std::span<const double> z, double y) {
  const size_t stride = size_ + 2;
  const auto number = [&](size_t i) { return i < size_ ? z[i] : i == size_ ? y : 1; };
  for (size_t i = 0; i < stride; ++i) {
    const double own = weight * number(i);
    if (own != 0)
      for (size_t j = 0; j < stride; ++j) sums_[i * stride + j] += own * number(j);
  }
}

void LeastSquares::add(const LeastSquares& other) {
  for (size_t i = 0; i < sums_.size(); ++i) sums_[i] += other.sums_[i];
}

double LeastSquares::variation() const {
  const double weight = at(size_ + 1, size_ + 1), sum = at(size_, size_ + 1);
  return weight > 0 ? at(size_, size_) - sum * sum / weight : 0;
}

LeastSquares::Fit LeastSquares::fit(double ridge, bool intercept) const {
  const size_t one = size_ + 1;
  const double weight = at(one, one);
  // With an intercept all numbers are taken from their weighted means.
  const auto product = [&](size_t i, size_t j) { return intercept && weight > 0 ? at(i, j) - at(i, one) * at(j, one) / weight : at(i, j); };
  std::vector<double> a(size_ * size_), b(size_);
  for (size_t i = 0; i < size_; ++i) {
    for (size_t j = 0; j < size_; ++j) a[i * size_ + j] = product(i, j) + (i == j ? ridge : 0);
    b[i] = product(i, size_);
  }
  Fit fit{solved(a, b), product(size_, size_)};
  for (size_t i = 0; i < size_; ++i) {
    fit.residual -= 2 * fit.beta[i] * b[i];
    for (size_t j = 0; j < size_; ++j) fit.residual += fit.beta[i] * fit.beta[j] * product(i, j);
  }
  fit.residual = std::max(0.0, fit.residual);
  return fit;
}

}  // namespace convscope

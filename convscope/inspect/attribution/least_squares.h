#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace convscope {

/** Weighted least squares over any number of samples, of which sums alone are kept: (D + 1)² numbers. */
class LeastSquares {
 public:
  explicit LeastSquares(int64_t numbers) : size_(static_cast<size_t>(numbers)), sums_((size_ + 2) * (size_ + 2)) {}

  void add(double weight, std::span<const double> z, double y);
  void add(const LeastSquares& other);

  struct Fit {
    std::vector<double> beta;
    double residual = 0;  // Σ w (y − ŷ)²
  };
  /** argmin Σ w (y − z β)² + ridge |β|²; with an intercept, which is not held small. */
  Fit fit(double ridge, bool intercept) const;
  /** Σ w (y − ȳ)². */
  double variation() const;

 private:
  double at(size_t i, size_t j) const { return sums_[i * (size_ + 2) + j]; }

  size_t size_;
  std::vector<double> sums_;  // Σ w v vᵀ of v = (z, y, 1)
};

}  // namespace convscope

#pragma once

#include <span>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

struct FactorOptions {
  int64_t rank = 20;
  /** As scikit-learn's alpha_W with l1_ratio 0, of numbers that are scaled to a mean square of 1. */
  double ridge = 1e-2;
  int64_t iterations = 300;
  uint64_t seed = 1;
};

/** A ≈ U W without a number below 0. */
struct Factors {
  std::vector<double> u;  // [N, R]
  std::vector<double> w;  // [R, C], each row of length 1, the one that tells most first
  double error = 0;       // |A − U W| / |A|
};

/**
 * Non-negative matrix factorisation of a [N, C] by hierarchical alternating least squares (Cichocki and Phan 2009):
 * ½ |A − U W|² + ½ ridge (C |U|² + N |W|²) goes down at each step. An error where a number is below 0, or all are 0.
 */
Factors factorise(const Tensor& a, const FactorOptions& options);

/** argmin |a − u W| over u ≥ 0, by coordinates; `w` [R, C], u [R]. */
std::vector<double> non_negative_shares(std::span<const double> a, std::span<const double> w, int64_t rank);

}  // namespace convscope

#pragma once

#include <vector>

namespace convscope {

/** A = Σ λ v vᵀ of a small symmetric matrix: eigenvalues, largest first, and their orthonormal vectors. */
struct SymmetricEigen {
  std::vector<double> values;   // D
  std::vector<double> vectors;  // [D, D], one a row; the largest entry of each is positive
};
/** By Jacobi's rotations; a [D, D]. For a few dozen rows: its time is a cube of them, several times over. */
SymmetricEigen symmetric_eigen(std::vector<double> a);

}  // namespace convscope

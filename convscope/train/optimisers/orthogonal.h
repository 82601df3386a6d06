#pragma once

#include <cstdint>

namespace convscope {

/**
 * Makes x [rows, columns], row-major, nearly orthogonal where it lies: of its singular value decomposition U S Vᵀ comes about U Vᵀ. By
 * Newton–Schulz iteration with the coefficients of Jordan et al. 2024 (Muon), which bring singular values quickly to 0.7 … 1.2 and never to
 * 1 itself:
 *
 *   X ← X / |X|
 *   X ← a X + (b A + c A²) X, A = X Xᵀ       a = 3.4445, b = −4.775, c = 2.0315; `iterations` times
 *
 * Of zeros come zeros. The result does not depend on the threads.
 */
void orthogonalise(int64_t rows, int64_t columns, float* x, int64_t iterations);

}  // namespace convscope

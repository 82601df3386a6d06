#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace convscope {

/**
 * The masks of a replicated design, [N (D + 2), D]: A, B, and for each of D numbers A with that number from B. A and B are the two halves
 * of a Latin hypercube of N points and 2 D numbers in [0, 1] (McKay et al. 1979): CRAFT's code takes Halton's points, whose first 32 lie on
 * lines in the higher of 40 dimensions.
 */
std::vector<double> sobol_masks(int64_t designs, int64_t dimensions, uint64_t seed);

/**
 * Total Sobol indices by Jansen 1999 of a function's values at these masks, [N (D + 2)] → [D]:
 *
 *   Σ (f(A) − f(A with number i of B))² / (2 N var f(A))
 *
 * All 0 where the function does not vary.
 */
std::vector<double> total_sobol_indices(std::span<const double> values, int64_t designs, int64_t dimensions);

}  // namespace convscope

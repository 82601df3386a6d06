#pragma once

#include <span>
#include <vector>

#include "convscope/attack/ball.h"

namespace convscope {

/**
 * The shortest step from x to the hyperplane ⟨w, ·⟩ = b that stays in [0, 1]: d with ⟨w, x + d⟩ = b and 0 ≤ x + d ≤ 1 of the least largest
 * |number| (linf) or length (l2); Croce and Hein 2020 (FAB), section 2.2. Where no point of the box lies on it, the step goes as near as
 * there is room. x [n] in [0, 1]; O(n log n).
 */
std::vector<float> step_to_hyperplane(std::span<const float> x, std::span<const float> w, double b, Norm norm);

}  // namespace convscope

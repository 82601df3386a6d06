#pragma once

#include <span>
#include <vector>

#include "convscope/attack/ball.h"

namespace convscope {

/**
 * The shortest step from x to the hyperplane ⟨w, ·⟩ = b that stays in [0, 1]: d with ⟨w, x + d⟩ = b and 0 ≤ x + d ≤ 1 of the least largest
 * |number| (linf), length (l2) or sum of sizes (l1); Croce and Hein 2020 (FAB), section 2.2. Where no point of the box lies on it, the step
 * goes as near as there is room. x [n] in [0, 1].
 */
std::vector<float> step_to_hyperplane(std::span<const float> x, std::span<const float> w, double b, Norm norm);

/**
 * The nearest point, by length, of an l1 ball within a box: λ ≥ 0 such that sizes min(max(|d| − λ, 0), room) have the sum `radius`, 0 where
 * they have no more without it; Croce and Hein 2021 ("Mind the box"), proposition 2.1. O(n log n) in the sizes that are not 0.
 */
double shrinkage_onto_l1_ball(std::span<const double> size, std::span<const double> room, double radius);

}  // namespace convscope

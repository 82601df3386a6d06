#pragma once

#include <span>

namespace convscope {

/**
 * Keeps a gradient small, in place; 0 turns a rule off, and it then costs nothing.
 *
 *   g ← min(max(g, −value), value)                   number by number
 *   g ← g min(1, norm / (‖g‖ + 1e-6))                ‖g‖ the L2 norm over all parameters together, Pascanu et al. 2013, as in PyTorch
 */
void clip_gradients(std::span<float> gradients, double value, double norm);

}  // namespace convscope

#pragma once

#include <string_view>

#include "convscope/report/draw/figure.h"
#include "convscope/results/aliasing_curve.h"

namespace convscope {

enum class FoldScaling { published, contribution };

/**
 * Accuracy under attack (left axis: squares top 1, circles top 5) and the share that is aliased or tangled (right axis: median over the
 * images as steps, 1st to 99th percentile as a band), against ε on a logarithmic axis. A step's value is that of the ε at its right end. ε
 * = 0 has no place.
 */
Figure aliasing_under_attack(const AliasingCurve& curve, FoldScaling scaling, std::string_view title, std::string_view subtitle);

std::string aliasing_under_attack_csv(const AliasingCurve& curve);

}  // namespace convscope

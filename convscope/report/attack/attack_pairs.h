#pragma once

#include <optional>

#include "convscope/report/draw/figure.h"
#include "convscope/results/attack_record.h"

namespace convscope {

/**
 * How often images of one class were turned into another, as a heat map with percentages; nothing where there are no pairs, or so many
 * classes that a cell could not be read. Where the attack has no aim a row's rest are images that stayed right.
 */
std::optional<Figure> attack_pairs(const AttackRecord& record, bool titled = true);

}  // namespace convscope

#pragma once

#include "convscope/api/attack_selection.h"
#include "convscope/attack/attack.h"

namespace convscope {

/** Curve, classes, pairs and images of a record, from what an attack found. */
void summarise(const AttackResult& result, const ChosenImages& chosen, int64_t classes, bool in_ball, AttackRecord& record);

}  // namespace convscope

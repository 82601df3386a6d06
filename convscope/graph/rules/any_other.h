#pragma once

#include "convscope/graph/op.h"

namespace convscope {

/** In a table of rules (graph/gradient.h) the rule of all kinds that have none there; without it they go by their own gradient. */
inline constexpr const char* kAnyOther = "*";

/** Whether an op only moves numbers, chooses among them or leaves some out: what comes down goes to where the number came from. */
bool only_moves(const Op& op);

/** Whether an op is linear in what comes from the pixels, but for what it adds: its gradient tells what a difference becomes. */
bool is_linear(const Op& op);

}  // namespace convscope

#pragma once

#include "convscope/api/network.h"
#include "convscope/results/description.h"

namespace convscope {

/** Layers with shapes, parameters and multiply-adds, and what programs of that batch take of memory. */
Description describe(const Network& network, int64_t batch = 1, const Setting& setting = {});

}  // namespace convscope

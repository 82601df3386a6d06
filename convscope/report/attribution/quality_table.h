#pragma once

#include <span>

#include "convscope/report/page/html.h"
#include "convscope/results/attribution_record.h"

namespace convscope {

/**
 * How good the maps of those records are that tell it: methods beside each other, then each with its controls, folded. Empty where none
 * tells it.
 */
Html quality_tables(std::span<const AttributionRecord> records);

}  // namespace convscope

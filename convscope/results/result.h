#pragma once

/** Results are plain structs with `fields`; JSON, files and the reference page come from them, and `record_from_json` reads them. */

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/fields.h"

namespace convscope {

/** What a number is before it is known; it is left out of the JSON. */
inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

}  // namespace convscope

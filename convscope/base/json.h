#pragma once

#include <nlohmann/json.hpp>

namespace convscope {

/** Keys keep the order they were written in: a file reads as its author meant it. */
using Json = nlohmann::ordered_json;

}  // namespace convscope

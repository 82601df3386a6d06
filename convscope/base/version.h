#pragma once

#include <string_view>

namespace convscope {

/** Of this library and program, "0.1.0". */
std::string_view version();

}  // namespace convscope

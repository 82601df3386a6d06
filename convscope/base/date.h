#pragma once

#include <string>

namespace convscope {

/** "2026-11-27", in UTC. */
std::string today();

}  // namespace convscope

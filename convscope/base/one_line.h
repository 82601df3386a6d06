#pragma once

#include <string>

namespace convscope {

/** A message that quotes somebody's file: control characters are '?', and of more than `longest` bytes the first ones stand. */
std::string one_line(std::string text, size_t longest);

}  // namespace convscope

#include "convscope/base/version.h"

namespace convscope {

std::string_view version() { return CONVSCOPE_VERSION; }  // defined for this file by CMake, from the project's version

}  // namespace convscope

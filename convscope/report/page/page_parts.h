#pragma once

#include <string>
#include <string_view>

namespace convscope {

extern const std::string_view kPageStyle;   // CSS; colours are those of `colour_rules`
extern const std::string_view kPageScript;  // for hovering, sorting and filtering; reads the data block
/** The figures' colours as variables, so that the dark theme changes them in one place. */
std::string colour_rules();

}  // namespace convscope

#pragma once

#include <string_view>

namespace convscope {

extern const std::string_view kPageStyle;   // CSS; colours of figures come from `report_page`
extern const std::string_view kPageScript;  // for hovering, sorting and filtering; reads the data block

}  // namespace convscope

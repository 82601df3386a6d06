#pragma once

#include <string_view>

namespace convscope {

/** Whether `a` comes before `b` as people count: "image 2" before "image 10". Of names that only zeros tell apart the plain order decides.
 */
bool naturally_before(std::string_view a, std::string_view b);

}  // namespace convscope

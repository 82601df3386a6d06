#pragma once

#include <string>
#include <string_view>

namespace convscope {

/** MD5 of the bytes as 32 hexadecimal digits, RFC 1321. It tells a wrong file from a right one, never a hostile one from an honest one. */
std::string md5(std::string_view bytes);

}  // namespace convscope

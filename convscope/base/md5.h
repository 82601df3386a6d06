#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "convscope/base/file.h"

namespace convscope {

/** MD5 of bytes that come in pieces, RFC 1321. It tells a wrong file from a right one, never a hostile one from an honest one. */
class Md5 {
 public:
  void add(std::string_view bytes);
  /** 32 hexadecimal digits of all that was added. */
  std::string digest() const;

 private:
  std::array<uint32_t, 4> state_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::string rest_;  // less than a block of 64
  uint64_t bytes_ = 0;
};

std::string md5(std::string_view bytes);
/** Of a file of any length. */
std::string md5_of_file(const Path& path);

}  // namespace convscope

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "convscope/base/file.h"

namespace convscope {

/** SHA-256 of bytes that come in pieces, FIPS 180-4, section 6.2: which file it was, for who wants to be sure of it. */
class Sha256 {
 public:
  void add(std::string_view bytes);
  /** 64 hexadecimal digits of all that was added. */
  std::string digest() const;

 private:
  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::string rest_;  // less than a block of 64
  uint64_t bytes_ = 0;
};

std::string sha256(std::string_view bytes);
/** Of a file of any length. */
std::string sha256_of_file(const Path& path);

}  // namespace convscope

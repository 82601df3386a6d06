#pragma once

#include <array>

#include "convscope/base/block_hash.h"

namespace convscope {

/** What MD5 does with a block, RFC 1321, section 3.4. */
struct Md5Function {
  using State = std::array<uint32_t, 4>;
  static constexpr std::endian kOrder = std::endian::little;
  static constexpr State kStart = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  static void take(State& state, const unsigned char* block);
};

/** MD5 of bytes that come in pieces: 32 digits. It tells a wrong file from a right one, never a hostile one from an honest one. */
using Md5 = BlockHash<Md5Function>;

std::string md5(std::string_view bytes);
/** Of a file of any length. */
std::string md5_of_file(const Path& path);

}  // namespace convscope

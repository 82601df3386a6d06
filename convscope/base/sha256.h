#pragma once

#include <array>

#include "convscope/base/block_hash.h"

namespace convscope {

/** What SHA-256 does with a block, FIPS 180-4, section 6.2.2. */
struct Sha256Function {
  using State = std::array<uint32_t, 8>;
  static constexpr std::endian kOrder = std::endian::big;
  static constexpr State kStart = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  static void take(State& state, const unsigned char* block);
};

/** SHA-256 of bytes that come in pieces: 64 digits; which file it was, for who wants to be sure of it. */
using Sha256 = BlockHash<Sha256Function>;

std::string sha256(std::string_view bytes);
/** Of a file of any length. */
std::string sha256_of_file(const Path& path);

}  // namespace convscope

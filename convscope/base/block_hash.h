#pragma once

/**
 * What MD5 and SHA-256 have in common: bytes that come in pieces, cut into blocks, the last one padded. Each is a BlockHash over its own
 * function of a block. Goal: a digest tells one file from another. Non-goal: keys, and hashes of blocks of another length.
 */

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "convscope/base/file.h"

namespace convscope {

inline constexpr size_t kHashBlock = 64;  // bytes

/** 32 bits at a place, in the order that a hash wants its bytes in. */
template <std::endian order>
uint32_t word_at(const unsigned char* at) {
  uint32_t word = 0;
  for (int i = 0; i < 4; ++i) word |= static_cast<uint32_t>(at[i]) << 8 * (order == std::endian::little ? i : 3 - i);
  return word;
}

/** The last bytes of a message of `bytes` in all, to the end of a block: a one, zeros, and the length in bits in 8 bytes. */
std::string padded_tail(std::string_view rest, uint64_t bytes, std::endian order);

/** Words as hexadecimal digits, byte by byte as they lie in `order`. */
std::string digits_of_words(std::span<const uint32_t> words, std::endian order);

/** All of a file of any length, piece by piece. */
void read_pieces(const Path& path, const std::function<void(std::string_view)>& take);

/**
 * The hash of bytes that come in pieces, as Merkle and Damgard build it:
 *
 *   state₀ = Function::kStart,  stateᵢ = Function::take(stateᵢ₋₁, blockᵢ),  digest = the last state
 *
 * `Function` has a State (an array of 32-bit words), kStart, take(State&, 64 bytes), and kOrder, in which its words and the length lie.
 */
template <typename Function>
class BlockHash {
 public:
  void add(std::string_view bytes) {
    bytes_ += bytes.size();
    if (!rest_.empty()) {
      const size_t more = std::min(bytes.size(), kHashBlock - rest_.size());
      rest_ += bytes.substr(0, more);
      bytes.remove_prefix(more);
      if (rest_.size() < kHashBlock) return;
      take_blocks(state_, rest_);
    }
    rest_ = take_blocks(state_, bytes);
  }

  /** Hexadecimal digits, two a byte, of all that was added. */
  std::string digest() const {
    typename Function::State state = state_;
    take_blocks(state, padded_tail(rest_, bytes_, Function::kOrder));
    return digits_of_words(state, Function::kOrder);
  }

 private:
  /** Takes all whole blocks; what is left. */
  static std::string_view take_blocks(typename Function::State& state, std::string_view bytes) {
    for (; bytes.size() >= kHashBlock; bytes.remove_prefix(kHashBlock))
      Function::take(state, reinterpret_cast<const unsigned char*>(bytes.data()));
    return bytes;
  }

  typename Function::State state_ = Function::kStart;
  std::string rest_;  // less than a block
  uint64_t bytes_ = 0;
};

template <typename Hash>
std::string digest_of(std::string_view bytes) {
  Hash hash;
  hash.add(bytes);
  return hash.digest();
}

template <typename Hash>
std::string digest_of_file(const Path& path) {
  Hash hash;
  read_pieces(path, [&](std::string_view piece) { hash.add(piece); });
  return hash.digest();
}

}  // namespace convscope

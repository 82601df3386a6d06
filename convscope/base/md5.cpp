#include "convscope/base/md5.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "convscope/base/error.h"

namespace convscope {

namespace {

// RFC 1321, section 3.4: floor(2^32 |sin(i + 1)|), i in radians.
constexpr std::array<uint32_t, 64> kSines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1,
    0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453,
    0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942,
    0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05,
    0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d,
    0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr std::array<std::array<int, 4>, 4> kTurns = {{{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

using State = std::array<uint32_t, 4>;

uint32_t little_endian(const unsigned char* at) {
  return static_cast<uint32_t>(at[0]) | static_cast<uint32_t>(at[1]) << 8 | static_cast<uint32_t>(at[2]) << 16 |
         static_cast<uint32_t>(at[3]) << 24;
}

void take_block(State& state, const unsigned char* block) {
  std::array<uint32_t, 16> x;
  for (size_t i = 0; i < x.size(); ++i) x[i] = little_endian(block + 4 * i);
  auto [a, b, c, d] = state;
  for (size_t i = 0; i < 64; ++i) {
    uint32_t f = 0;
    size_t k = 0;
    switch (i / 16) {
      case 0:
        f = (b & c) | (~b & d), k = i;
        break;
      case 1:
        f = (b & d) | (c & ~d), k = 5 * i + 1;
        break;
      case 2:
        f = b ^ c ^ d, k = 3 * i + 5;
        break;
      default:
        f = c ^ (b | ~d), k = 7 * i;
        break;
    }
    const uint32_t next = b + std::rotl(a + f + x[k % 16] + kSines[i], kTurns[i / 16][i % 4]);
    a = d, d = c, c = b, b = next;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
}

}  // namespace

void Md5::add(std::string_view bytes) {
  bytes_ += bytes.size();
  if (!rest_.empty()) {
    const size_t more = std::min(bytes.size(), 64 - rest_.size());
    rest_ += bytes.substr(0, more);
    bytes.remove_prefix(more);
    if (rest_.size() < 64) return;
    take_block(state_, reinterpret_cast<const unsigned char*>(rest_.data()));
    rest_.clear();
  }
  for (; bytes.size() >= 64; bytes.remove_prefix(64)) take_block(state_, reinterpret_cast<const unsigned char*>(bytes.data()));
  rest_ = bytes;
}

std::string Md5::digest() const {
  std::string tail = rest_ + '\x80';  // then zeros and the length in bits, to the end of a block
  while (tail.size() % 64 != 56) tail += '\0';
  for (int i = 0; i < 8; ++i) tail += static_cast<char>(bytes_ * 8 >> (8 * i) & 0xff);
  State state = state_;
  for (size_t i = 0; i < tail.size(); i += 64) take_block(state, reinterpret_cast<const unsigned char*>(tail.data()) + i);

  std::string digits;
  for (const uint32_t word : state) digits += fmt::format("{:08x}", __builtin_bswap32(word));
  return digits;
}

std::string md5(std::string_view bytes) {
  Md5 sum;
  sum.add(bytes);
  return sum.digest();
}

std::string md5_of_file(const Path& path) {
  errno = 0;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  require(file != nullptr, "{}: cannot read: {}", path.string(), std::strerror(errno));
  Md5 sum;
  std::string piece(size_t{1} << 18, '\0');
  while (const size_t got = std::fread(piece.data(), 1, piece.size(), file.get())) sum.add(std::string_view(piece).substr(0, got));
  require(std::ferror(file.get()) == 0, "{}: cannot read: {}", path.string(), std::strerror(errno));
  return sum.digest();
}

}  // namespace convscope

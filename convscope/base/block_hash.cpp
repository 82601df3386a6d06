#include "convscope/base/block_hash.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "convscope/base/error.h"

namespace convscope {

std::string padded_tail(std::string_view rest, uint64_t bytes, std::endian order) {
  constexpr size_t kLength = sizeof(uint64_t);
  std::string tail = std::string(rest) + '\x80';
  while (tail.size() % kHashBlock != kHashBlock - kLength) tail += '\0';
  const uint64_t bits = 8 * bytes;
  for (size_t i = 0; i < kLength; ++i) tail += static_cast<char>(bits >> 8 * (order == std::endian::little ? i : kLength - 1 - i) & 0xff);
  return tail;
}

std::string digits_of_words(std::span<const uint32_t> words, std::endian order) {
  std::string digits;
  for (const uint32_t word : words) digits += fmt::format("{:08x}", order == std::endian::little ? __builtin_bswap32(word) : word);
  return digits;
}

void read_pieces(const Path& path, const std::function<void(std::string_view)>& take) {
  errno = 0;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  require(file != nullptr, "{}: cannot read: {}", path.string(), std::strerror(errno));
  std::string piece(size_t{1} << 18, '\0');
  while (const size_t got = std::fread(piece.data(), 1, piece.size(), file.get())) take(std::string_view(piece).substr(0, got));
  require(std::ferror(file.get()) == 0, "{}: cannot read: {}", path.string(), std::strerror(errno));
}

}  // namespace convscope

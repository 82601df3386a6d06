#include "convscope/base/random.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace convscope {

namespace {
uint64_t fnv1a(std::string_view text, uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

uint64_t mix(uint64_t z) {  // SplitMix64's finaliser: neighbouring seeds give unrelated keys
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}
}  // namespace

RandomStream::RandomStream(uint64_t seed, std::string_view name) {
  const uint64_t key = mix(fnv1a(name, 0xcbf29ce484222325ull) + mix(seed + 0x9e3779b97f4a7c15ull));
  key_[0] = static_cast<uint32_t>(key);
  key_[1] = static_cast<uint32_t>(key >> 32);
}

RandomStream::Block RandomStream::block(uint64_t index, uint64_t part) const {
  uint32_t c0 = static_cast<uint32_t>(index), c1 = static_cast<uint32_t>(index >> 32);
  uint32_t c2 = static_cast<uint32_t>(part), c3 = static_cast<uint32_t>(part >> 32);
  uint32_t k0 = key_[0], k1 = key_[1];
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53} * c0, p1 = uint64_t{0xCD9E8D57} * c2;
    const uint32_t h0 = static_cast<uint32_t>(p0 >> 32), h1 = static_cast<uint32_t>(p1 >> 32);
    c0 = h1 ^ c1 ^ k0;
    c2 = h0 ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(p1);
    c3 = static_cast<uint32_t>(p0);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {{c0, c1, c2, c3}};
}

float RandomStream::normal(uint64_t index, uint64_t part) const {
  const Block b = block(index / 2, part);
  const uint64_t pair = 2 * (index % 2);
  const double u = (b[pair] + 0.5) * 0x1p-32, v = (b[pair + 1] + 0.5) * 0x1p-32;
  return static_cast<float>(std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v));
}

uint64_t RandomStream::below(uint64_t bound, uint64_t index, uint64_t part) const {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(bits(2 * index, part)) << 32 | bits(2 * index + 1, part)) * bound >> 64);
}

std::vector<int64_t> permutation(int64_t n, const RandomStream& random, uint64_t part) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i, i, part)]);
  return order;
}

}  // namespace convscope

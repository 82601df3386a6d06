#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace convscope {

/**
 * Random numbers by name and index: (seed, stream name, index) → number, the same on every machine, in any order, from any thread.
 * Philox 4x32-10, Salmon et al. 2011. `index` has two parts, so that (sample, element) or (epoch, place) need no packing.
 */
class RandomStream {
 public:
  RandomStream(uint64_t seed, std::string_view name);

  uint32_t bits(uint64_t index, uint64_t part = 0) const { return block(index / 4, part)[index % 4]; }
  /** In [0, 1), 24 bits. */
  float uniform(uint64_t index, uint64_t part = 0) const { return static_cast<float>(bits(index, part) >> 8) * 0x1p-24f; }
  /** N(0, 1) by Box and Muller. */
  float normal(uint64_t index, uint64_t part = 0) const;
  /** In [0, bound). */
  uint64_t below(uint64_t bound, uint64_t index, uint64_t part = 0) const;

  struct Block {
    uint32_t word[4];
    uint32_t operator[](uint64_t i) const { return word[i]; }
  };
  /** Four words at once: numbers 4·`index` to 4·`index` + 3 of `part`. */
  Block block(uint64_t index, uint64_t part = 0) const;

  /** For those who run the generator on many lanes themselves. */
  const uint32_t* key() const { return key_; }

 private:
  uint32_t key_[2];
};

/** 0 … n−1 in random order (Fisher and Yates). */
std::vector<int64_t> permutation(int64_t n, const RandomStream& random, uint64_t part = 0);

}  // namespace convscope

#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/base/table.h"
#include "convscope/tensor/shape.h"

namespace convscope {

/** A random change of the pictures that a training looks at; they keep size and label. A member of the family. */
class Augmentation {
 public:
  /** All that a draw depends on: neither threads, nor batches, nor other augmentations change it. */
  struct Sample {
    uint64_t seed;
    uint64_t number;  // the sample's, in its published split
    uint64_t epoch;

    /** The same sample in another epoch. */
    Sample at(uint64_t other_epoch) const { return {seed, number, other_epoch}; }
    /** Four random words from the stream of this name. No two augmentations look at the same word. */
    RandomStream::Block words(std::string_view stream) const { return RandomStream(seed, stream).block(number, epoch); }
  };

  virtual ~Augmentation() = default;
  /** An error where pictures of this shape, [C, H, W], cannot be changed so. */
  virtual void check(const Shape&) const {}
  /** Changes the pixels, [C, H, W] in [0, 1], where they lie. */
  virtual void apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const = 0;
};

/** The family. */
const Table<Augmentation>& augmentations();

using Augmentations = std::vector<std::unique_ptr<const Augmentation>>;

/**
 * "pad-crop,pad=4+flip+cutout,side=8": members with + between them, done in the order in which they are written. None may stand there
 * twice, for it would draw the same again. "none" is none.
 */
Augmentations parse_augmentations(std::string_view text);

}  // namespace convscope

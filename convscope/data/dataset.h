#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/tensor/shape.h"

namespace convscope {

/** The two parts in which a data set is published. */
enum class Split { train, test };
inline constexpr Split kSplits[] = {Split::train, Split::test};

std::string_view split_name(Split split);
/** "train" or "test"; anything else is an error. */
Split parse_split(std::string_view text);

/**
 * Labelled images of one size.
 *
 *   pixels  [C, H, W] in [0, 1]
 *   label   0 … Y−1, an index into `classes`
 *
 * Everything is const and may be called from any thread. Decorators (Subset, Augment) are data sets over data sets; they share the
 * images and copy none. Indices lie in [0, size): who takes one from outside checks it.
 */
class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual int64_t size() const = 0;
  virtual Shape image_shape() const = 0;
  virtual const std::vector<std::string>& classes() const = 0;
  virtual int64_t label(int64_t index) const = 0;

  /** The sample's place in the published split, through all decorators: random numbers are indexed by it. */
  virtual int64_t number(int64_t index) const = 0;

  /** The file of its own that the sample was read from, as the system knows it; empty where it has none. */
  virtual Path file(int64_t) const { return {}; }

  /** Only random decorators look at `epoch`. */
  virtual void pixels(int64_t index, uint64_t epoch, std::span<float> out) const = 0;

  /** The image in 8 bits, [C, H, W], where it is held so and `pixels` are these / 255 in every epoch; else empty. */
  virtual std::span<const uint8_t> levels(int64_t index) const;
};

}  // namespace convscope

#pragma once

/**
 * The kernels: elementwise and statistical passes over activations, vectorised, on the layout at hand.
 * Goals: each pass reads and writes memory once; sums do not depend on timing, only on the count of threads; padded channels stay zero.
 * They know nothing of oneDNN: what lies where is told by whoever calls them.
 */

#include <cstdint>

namespace convscope::kernels {

/** Activations in memory: [images][blocks][points][lanes], channel = block · lanes + lane. nChw16c has 16 lanes, nhwc one block. */
struct Grid {
  int64_t images = 1, blocks = 1, points = 1, lanes = 1;
  int64_t channels = 1;  // real ones; the lanes behind are padding
  bool bf16 = false;

  int64_t padded_channels() const { return blocks * lanes; }
  int64_t image_size() const { return blocks * points * lanes; }
  int64_t size() const { return images * image_size(); }
};

/** Channels in a block of activations, 16 or 8: the kernels' vectors never cross one, whatever processor they were chosen for. */
int64_t block_lanes();

}  // namespace convscope::kernels

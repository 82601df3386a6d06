#pragma once

#include <string_view>

#include "convscope/tensor/shape.h"

namespace convscope {

/** Checks that several ops share; the caller of `Op::shapes` puts the node's name in front. */

/** [N, C, H, W] with at least one pixel. */
inline void require_images(const Shape& x) {
  require(x.rank() == 4 && x[1] >= 1 && x[2] >= 1 && x[3] >= 1,
          "input {} is not a batch of images; [N, C, H, W] with at least one channel, row and column was wanted", x);
}

/** Images, or [N, C]: something with channels along its second axis. */
inline void require_channels(const Shape& x) {
  require((x.rank() == 4 || x.rank() == 2) && x.size() >= x[0] && x[1] >= 1,
          "input {} has no channels; [N, C, H, W] or [N, C] with at least one channel was wanted", x);
}

/** [N, Y] with at least one class. */
inline void require_scores(const Shape& x) {
  require(x.rank() == 2 && x[1] >= 1, "input {} is not a batch of scores; [N, Y] with at least one class was wanted (flatten first)", x);
}

inline void require_shape(std::string_view what, const Shape& came, const Shape& wanted) {
  require(came == wanted, "{} is {}; {} was wanted", what, came, wanted);
}

/** An extent, a window or a step that somebody chose; the upper bound keeps sums of them from overflowing. */
inline void require_count(std::string_view option, int64_t came, int64_t least) {
  constexpr int64_t kMost = int64_t{1} << 30;
  require(came >= least && came <= kMost, "{} is {}; a number from {} to {} was wanted", option, came, least, kMost);
}

}  // namespace convscope

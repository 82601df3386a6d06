#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "convscope/data/dataset.h"

namespace convscope {

/** A picture as a network may be shown it besides as it is: moved with its border reflected, then mirrored. */
struct View {
  double weight = 1;  // of its logits in the mean
  bool mirrored = false;
  int64_t row = 0, column = 0;  // by which it is moved (data/move.h)
};

/**
 * Views whose logits are averaged when a network is tested; weights sum to 1.
 *
 *   one           the picture as it is
 *   mirror        it and its mirror image
 *   mirror-shift  these count half; the other half is the same of the picture moved by one pixel, up and left, and down and right;
 *                 Jordan 2024 (arXiv:2404.00498), section 3.2
 */
std::vector<View> views_named(std::string_view name);

/** The data in a view. */
std::shared_ptr<const Dataset> seen_in(const View& view, std::shared_ptr<const Dataset> data);

}  // namespace convscope

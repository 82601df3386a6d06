#include "convscope/inspect/attribution/quality/pointing.h"

#include <algorithm>

namespace convscope {

std::vector<double> PointingGame::measure(const CheckedQuestion& asked, const Mapmaker& maker) const {
  require(std::ssize(asked.options.boxes) == asked.images(), "boxes of {} images for {}", asked.options.boxes.size(), asked.images());
  const int64_t columns = asked.x.shape()[3];
  std::vector<double> hits;
  for (int64_t n = 0; n < asked.images(); ++n) {
    const auto evidence = std::as_const(maker.evidence).row(n);
    const auto [low, high] = std::minmax_element(evidence.begin(), evidence.end());
    const int64_t place = high - evidence.begin(), row = place / columns, column = place % columns;
    const auto& boxes = asked.options.boxes[static_cast<size_t>(n)];
    const bool hit = std::any_of(boxes.begin(), boxes.end(), [&](const PixelBox& box) { return box.holds(row, column); });
    hits.push_back(*low < *high && hit);
  }
  return hits;
}

}  // namespace convscope

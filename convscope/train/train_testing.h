#pragma once

#include "convscope/base/random.h"
#include "convscope/data/images8.h"

namespace convscope {

/** Pictures whose class can be seen: class y has a bright stripe in rows 7 y … 7 y + 5, on noise. */
inline std::shared_ptr<const Dataset> stripes(int64_t count, uint64_t seed) {
  constexpr int64_t kSide = 28, kClasses = 4;
  const RandomStream random(seed, "stripes");
  std::vector<uint8_t> levels;
  std::vector<int32_t> labels;
  for (int64_t n = 0; n < count; ++n) {
    const int64_t label = static_cast<int64_t>(random.below(kClasses, static_cast<uint64_t>(n), 1));
    labels.push_back(static_cast<int32_t>(label));
    for (int64_t i = 0; i < kSide * kSide; ++i) {
      const bool bright = i / kSide >= 7 * label && i / kSide < 7 * label + 6;
      levels.push_back(static_cast<uint8_t>((bright ? 120 : 0) + random.bits(static_cast<uint64_t>(n * kSide * kSide + i)) % 100));
    }
  }
  return std::make_shared<Images8>(Shape{count, 1, kSide, kSide}, std::move(levels), std::move(labels),
                                   std::vector<std::string>{"top", "upper", "lower", "bottom"});
}

}  // namespace convscope

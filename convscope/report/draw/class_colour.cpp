#include "convscope/report/draw/class_colour.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace convscope {

namespace {
constexpr Colour kClasses[] = {
    colour(0x4a7fc1), colour(0xee8420), colour(0xd9484b), colour(0x3fa9a0), colour(0x4f9e45),
    colour(0xd8b420), colour(0x9a62ab), colour(0xf08fa8), colour(0x9a7257), colour(0x8c949b),
};
}  // namespace

Colour class_colour(int64_t y) {
  if (y < std::ssize(kClasses)) return kClasses[y];
  const double turns = 0.618034 * static_cast<double>(y);  // the golden section: no two neighbours, and no short cycle
  const double hue = 6 * (turns - std::floor(turns));
  const auto level = [hue](double shift) {
    const double at = std::fmod(hue + shift, 6.0);
    return 0.35 + 0.45 * std::min(1.0, std::max(0.0, std::abs(at - 3) - 1));
  };
  return {level(0), level(4), level(2)};
}

}  // namespace convscope

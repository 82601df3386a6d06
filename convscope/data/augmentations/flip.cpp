#include "convscope/data/augmentations/flip.h"

#include <algorithm>

namespace convscope {

bool Flip::draw(const Sample& sample) const {
  return sample.words("augment")[2] >> 31;  // pad-crop has the first two
}

void Flip::apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const {
  if (!draw(sample)) return;
  for (auto row = pixels.begin(); row != pixels.end(); row += shape[2]) std::reverse(row, row + shape[2]);
}

}  // namespace convscope

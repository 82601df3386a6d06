#include "convscope/data/augmentations/flip.h"

#include "convscope/data/move.h"

namespace convscope {

bool Flip::draw(const Sample& sample) const {
  const auto drawn = [&](uint64_t epoch) {
    return sample.at(epoch).words("augment")[2] >> 31 != 0;  // pad-crop has the first two words
  };
  return alternate_ ? drawn(0) != (sample.epoch % 2 == 1) : drawn(sample.epoch);
}

void Flip::apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const {
  if (draw(sample)) mirror(shape, pixels);
}

}  // namespace convscope

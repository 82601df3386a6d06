#include "convscope/data/augment.h"

#include <cassert>
#include <utility>

namespace convscope {

Augment::Augment(std::shared_ptr<const Dataset> base, Augmentations augmentations, uint64_t seed)
    : base_(std::move(base)), augmentations_(std::move(augmentations)), seed_(seed) {
  for (const auto& augmentation : augmentations_) augmentation->check(image_shape());
}

void Augment::pixels(int64_t index, uint64_t epoch, std::span<float> out) const {
  const Shape shape = image_shape();
  assert(static_cast<int64_t>(out.size()) == shape.size());
  base_->pixels(index, epoch, out);
  const Augmentation::Sample sample{seed_, static_cast<uint64_t>(number(index)), epoch};
  for (const auto& augmentation : augmentations_) augmentation->apply(sample, shape, out);
}

}  // namespace convscope

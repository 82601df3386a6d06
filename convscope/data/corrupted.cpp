#include "convscope/data/corrupted.h"

#include <utility>

namespace convscope {

Corrupted::Corrupted(std::shared_ptr<const Dataset> base, std::string_view corruption, int64_t severity, uint64_t seed)
    : base_(std::move(base)), corrupter_(corruption, severity, seed) {
  check_corruptible(image_shape());
}

void Corrupted::pixels(int64_t index, uint64_t epoch, std::span<float> out) const {
  base_->pixels(index, epoch, out);
  corrupter_.apply(static_cast<uint64_t>(number(index)), 0, image_shape(), out);
}

}  // namespace convscope

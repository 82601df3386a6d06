#include "convscope/data/images8.h"

#include <cassert>
#include <utility>

namespace convscope {

Images8::Images8(Shape shape, std::vector<uint8_t> levels, std::vector<int32_t> labels, std::vector<std::string> classes)
    : shape_(shape), levels_(std::move(levels)), labels_(std::move(labels)), classes_(std::move(classes)) {
  require(shape_.rank() == 4, "images have the shape [N, C, H, W], got {}", shape_);
  require(static_cast<int64_t>(levels_.size()) == shape_.size(), "images {} are {} levels, got {}", shape_, shape_.size(), levels_.size());
  require(static_cast<int64_t>(labels_.size()) == shape_[0], "images {} want {} labels, got {}", shape_, shape_[0], labels_.size());
  for (size_t i = 0; i < labels_.size(); ++i)
    require(labels_[i] >= 0 && labels_[i] < static_cast<int64_t>(classes_.size()), "image {} has label {}, there are {} classes", i,
            labels_[i], classes_.size());
}

std::span<const uint8_t> Images8::levels(int64_t index) const {
  assert(index >= 0 && index < size());
  return std::span(levels_).subspan(static_cast<size_t>(index * shape_.inner()), static_cast<size_t>(shape_.inner()));
}

void Images8::pixels(int64_t index, uint64_t, std::span<float> out) const {
  const std::span<const uint8_t> image = levels(index);
  assert(out.size() == image.size());
  for (size_t i = 0; i < image.size(); ++i) out[i] = pixel_of_level(image[i]);
}

}  // namespace convscope

#include "convscope/data/concatenated.h"

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"

namespace convscope {

Concatenated::Concatenated(std::vector<std::shared_ptr<const Dataset>> parts) : parts_(std::move(parts)), begins_{0} {
  require(!parts_.empty(), "concatenated data: none were given");
  for (const auto& part : parts_) {
    require(part->image_shape() == image_shape(), "concatenated data: pictures {} and {}", image_shape(), part->image_shape());
    begins_.push_back(begins_.back() + part->size());
  }
}

Concatenated::Place Concatenated::at(int64_t index) const {
  const auto n = static_cast<size_t>(std::upper_bound(begins_.begin(), begins_.end(), index) - begins_.begin() - 1);
  return {*parts_[n], index - begins_[n]};
}

int64_t Concatenated::label(int64_t index) const {
  const auto [part, i] = at(index);
  return part.label(i);
}

int64_t Concatenated::number(int64_t index) const {
  const auto [part, i] = at(index);
  return part.number(i);
}

Path Concatenated::file(int64_t index) const {
  const auto [part, i] = at(index);
  return part.file(i);
}

void Concatenated::pixels(int64_t index, uint64_t epoch, std::span<float> out) const {
  const auto [part, i] = at(index);
  part.pixels(i, epoch, out);
}

}  // namespace convscope

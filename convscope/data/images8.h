#pragma once

#include <array>
#include <cstddef>

#include "convscope/data/dataset.h"

namespace convscope {

namespace detail {
inline constexpr std::array<float, 256> kPixelOfLevel = [] {
  std::array<float, 256> table{};
  for (size_t level = 0; level < table.size(); ++level) table[level] = static_cast<float>(level) / 255.0f;
  return table;
}();
}  // namespace detail

/** level / 255, rounded once: the same float that PyTorch's ToTensor gives. */
inline float pixel_of_level(uint8_t level) { return detail::kPixelOfLevel[level]; }

/** Images held decoded, 8 bits a channel. */
class Images8 : public Dataset {
 public:
  /**
   *   levels  [N, C, H, W], N C H W of them
   *   labels  [N], each an index into `classes`
   */
  Images8(Shape shape, std::vector<uint8_t> levels, std::vector<int32_t> labels, std::vector<std::string> classes);

  int64_t size() const override { return shape_[0]; }
  Shape image_shape() const override { return {shape_[1], shape_[2], shape_[3]}; }
  const std::vector<std::string>& classes() const override { return classes_; }
  int64_t label(int64_t index) const override { return labels_[static_cast<size_t>(index)]; }
  int64_t number(int64_t index) const override { return index; }
  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override;
  std::span<const uint8_t> levels(int64_t index) const override;

 private:
  Shape shape_;
  std::vector<uint8_t> levels_;
  std::vector<int32_t> labels_;
  std::vector<std::string> classes_;
};

}  // namespace convscope

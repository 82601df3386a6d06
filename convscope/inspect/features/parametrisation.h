#pragma once

#include <cstdint>
#include <span>

namespace convscope {

/** How a picture [C, H, W] in (0, 1) hangs on free numbers, which are climbed. */
class Parametrisation {
 public:
  virtual ~Parametrisation() = default;

  /** How many free numbers a picture has. */
  virtual int64_t size() const = 0;
  /** Deviation of the normal numbers that a climb begins with. */
  virtual float spread() const = 0;
  /** The picture of some numbers. */
  virtual void picture(std::span<const float> numbers, std::span<float> picture) const = 0;
  /** The slope for the numbers, from the one for the picture that they make. */
  virtual void slope(std::span<const float> numbers, std::span<const float> picture, std::span<const float> picture_slope,
                     std::span<float> numbers_slope) const = 0;
};

}  // namespace convscope

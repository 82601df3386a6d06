#pragma once

#include <span>
#include <string>
#include <string_view>

#include "convscope/report/draw/figure.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/** Categories [rows, columns] of one channel's frequencies, 0 … 3, zero frequency in the middle. */
struct FrequencyMap {
  std::string name;
  Tensor levels;
};

/** Each frequency's category as a pixel, maps side by side, with one colour bar below. */
Figure frequency_maps(std::span<const FrequencyMap> maps, std::string_view title, std::string_view subtitle);

/** A map alone, one pixel a frequency. */
Image frequency_image(const Tensor& levels);

}  // namespace convscope

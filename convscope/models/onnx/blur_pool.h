#pragma once

#include <array>
#include <optional>
#include <vector>

#include "convscope/models/onnx/site.h"
#include "convscope/tensor/line_filter.h"

namespace convscope {

/** A depthwise convolution that drops samples, as ONNX has it: what stands before each axis, its step and how many places it gives. */
struct DepthwiseSteps {
  std::array<int64_t, 2> begin = {0, 0}, out = {1, 1};
  int64_t rate = 2;
};

/** BlurPool (Zhang 2019): the plane that is blurred, and how. */
struct BlurPool {
  Value from;
  LineFilterOptions how;
};

/**
 * Other programs write BlurPool as a padding and a depthwise convolution of Pascal's triangle. Where a convolution of `weight` over x is
 * that, number by number and place by place, whatever the padding before it: what it is. It is one layer then, which `convert` replaces,
 * and its numbers are no parameters.
 */
std::optional<BlurPool> blur_pool(const OnnxSite& site, Value x, const OnnxTensor& weight, const DepthwiseSteps& steps);

/** [taps]: the weights of a blur of so many taps, over their sum. */
std::vector<double> blur_weights(int64_t taps);

}  // namespace convscope

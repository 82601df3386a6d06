#pragma once

#include <span>
#include <vector>

#include "convscope/tensor/shape.h"

namespace convscope {

struct SlicOptions {
  int64_t segments = 50;    // about as many are wanted
  double compactness = 10;  // m: how much nearness counts beside likeness
  int64_t iterations = 10;
};

/** A picture cut into connected pieces. */
struct Superpixels {
  std::vector<int64_t> label;  // [H W], 0 … count − 1 in the order in which rows meet them
  int64_t count = 0;
};

/**
 * Simple linear iterative clustering of an image [C, H, W] in [0, 1]; Achanta et al. 2012. k-means of colour and place, each centre
 * looking at the pixels within 2 S of it, S = √(H W / segments):
 *
 *   D² = |Δ colour|² + m² |Δ place|² / S²     colour: CIELAB of sRGB; of other counts of channels these times 100
 *
 * then each piece that is smaller than S² / 4, or apart from the rest of its cluster, joins a neighbour that was met before it.
 */
Superpixels slic(std::span<const float> image, const Shape& shape, const SlicOptions& options);

}  // namespace convscope

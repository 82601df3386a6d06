#pragma once

#include <span>

#include "convscope/base/random.h"
#include "convscope/tensor/shape.h"

namespace convscope {

/** A turn, a change of size and a shift about the middle of a picture. */
struct Warp {
  double degrees = 0, scale = 1, down = 0, right = 0;
};

/**
 * One of the transforms that a feature must stand, scaled to the picture as Lucid's are to its 128 pixels: shifted by up to 12 / 128 of a
 * side, 90 to 110 % of the size, turned by up to 10°, half of the time not at all (5° on pictures below 64 pixels).
 */
Warp random_warp(const Shape& image, const RandomStream& random, uint64_t step);

/**
 * A crop of the picture, enlarged to its size: its side is half to all of the picture's, its place drawn among those that lie inside. In
 * MACO's reference crops are a quarter of a canvas that is five times as wide as what the network takes; here the canvas is the network's.
 */
Warp random_crop(const Shape& image, const RandomStream& random, uint64_t step);

/** The picture [C, H, W] under it, bilinear, grey (0.5) outside: the four transforms of the paper in one interpolation. */
void warp(std::span<const float> picture, const Shape& image, const Warp& by, std::span<float> out);
/** The slope for the picture from the one for what `warp` made of it. */
void warp_slope(std::span<const float> out_slope, const Shape& image, const Warp& by, std::span<float> picture_slope);

}  // namespace convscope

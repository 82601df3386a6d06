#pragma once

#include <span>

#include "convscope/report/draw/colour.h"
#include "convscope/tensor/image.h"

namespace convscope {

/**
 * Numbers as colours.
 *
 *   grey       black to white
 *   inferno    black over red to yellow, even in brightness; van der Walt and Smith 2015, CC0
 *   diverging  blue, white, red: below zero, zero, above; Brewer's RdBu
 */
enum class ColourMap { grey, inferno, diverging };

/** `share` 0 … 1; outside it is clipped, and what is no number is 0. */
Colour colour_of(ColourMap map, double share);

/** Limits of a scale: `low` gets the map's first colour, `high` its last. */
struct ColourScale {
  ColourMap map = ColourMap::grey;
  double low = 0, high = 1;
};

/** Values [H, W] as a colour picture; where low = high all of it is the colour of `low`, or of zero on a diverging map. */
Image coloured(std::span<const float> values, int64_t rows, int64_t columns, const ColourScale& scale);

}  // namespace convscope

#pragma once

#include <cstdint>
#include <string_view>

#include "convscope/base/random.h"
#include "convscope/tensor/image.h"

namespace convscope {

/**
 * Pictures of another size. Networks are sensitive to how this is done, so it is done as those who published them did: the numbers are
 * those of Pillow's `Image.resize(…, BILINEAR)` and of torchvision's transforms on such images, to the byte.
 *
 * Goals: no aliasing where a picture shrinks; the same bytes on every machine; fast enough to stay in the shadow of decoding.
 * Non-goals: other filters; resizing of float tensors.
 */

/**
 * Bilinear with antialiasing: the triangle of weights is as wide as two output pixels where the picture shrinks, as two input pixels where
 * it grows. Along the rows first, then along the columns, rounded to 8 bits between them; weights have 22 bits behind the point.
 */
Image resize(const Image& image, int64_t rows, int64_t columns);

/** The shorter side becomes `pixels`, the other one short · long / short cut to a whole number: torchvision's Resize(pixels). */
Image resize_short_side(const Image& image, int64_t pixels);

/** A part of a picture. */
struct Window {
  int64_t row = 0, column = 0;  // of its upper left pixel; may lie outside
  int64_t rows = 0, columns = 0;

  bool operator==(const Window&) const = default;
};
/**
 * A part of resize(image, rows, columns), the same bytes: only what lands in it is looked at. A network that takes the middle of a photo
 * needs half of the pixels.
 */
Image resize_part(const Image& image, int64_t rows, int64_t columns, const Window& part);

/** What is outside of the picture is black. */
Image crop(const Image& image, const Window& window);

/** The middle of a picture that has so many rows and columns; a half pixel goes to the even side. torchvision's CenterCrop. */
Window centre_window(int64_t has_rows, int64_t has_columns, int64_t rows, int64_t columns);
Image centre_crop(const Image& image, int64_t rows, int64_t columns);

/**
 * A window of 8 to 100 % of the area and of 3 : 4 to 4 : 3 in shape, somewhere in the picture; Szegedy et al. 2015, as torchvision's
 * RandomResizedCrop draws it: ten attempts, then the largest window of such a shape in the middle. One of `random` for each (index, part).
 */
Window random_window(int64_t rows, int64_t columns, const RandomStream& random, uint64_t index, uint64_t part = 0);
/** Such a window, resized. */
Image random_resized_crop(const Image& image, int64_t rows, int64_t columns, const RandomStream& random, uint64_t index, uint64_t part = 0);

/**
 * How a picture comes to the size that a network takes.
 *
 *   squash  resized to it; the aspect is not kept
 *   crop    resized so that its shorter side is 256 / 224 of the size, then cropped in the middle: ImageNet's evaluation
 */
enum class Fit { squash, crop };
/** "squash" or "crop"; anything else is an error. */
Fit parse_fit(std::string_view text);
/** size · 256 / 224, rounded. */
int64_t short_side_of(int64_t size);
/** `crop` is for squares. A picture that already has the size of a `squash` stays as it is. */
Image fitted(Image image, int64_t rows, int64_t columns, Fit fit);

}  // namespace convscope

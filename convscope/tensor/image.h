#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/** A picture of 8-bit numbers, planar like a Tensor: pixels [C, H, W], row-major; C is 1 (grey) or 3 (red, green, blue). */
struct Image {
  int64_t channels = 0;
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<uint8_t> pixels;

  bool operator==(const Image&) const = default;
};

/**
 * Decodes PNG, JPEG, WebP, BMP or GIF; the first bytes decide which, not the file's name. The numbers are taken as stored, with no gamma,
 * colour profile or EXIF rotation applied: so do the usual Python loaders, whose networks we read.
 *
 *   PNG    grey stays grey, palettes become colour, 16 bits are rounded to 8, alpha is dropped
 *   JPEG   grey stays grey, CMYK and YCCK (Adobe's inverted kind) become colour
 *   WebP   colour, alpha is dropped; one that moves is refused
 *   BMP    8 (with a palette), 24 and 32 bits that are not packed, colour
 *   GIF    colour; the first picture of several (gif.h)
 *
 * A cut or damaged file, or one of more than 2^27 pixels, is an error.
 */
Image parse_image(std::string_view bytes, std::string_view whose);
Image read_image(const Path& path);

/** A picture as it was decoded, and the size that its file has. */
struct ScaledImage {
  Image image;
  int64_t rows = 0, columns = 0;  // of the file
};

/**
 * The same in the smallest size that is no smaller than `rows` × `columns`: a JPEG is decoded at 1/2, 1/4 or 1/8 of its sides from its
 * lowest frequencies alone, which costs less than to decode the whole and shrink it, and gives other numbers. Other pictures come whole.
 */
ScaledImage parse_image_at_least(int64_t rows, int64_t columns, std::string_view bytes, std::string_view whose);
ScaledImage read_image_at_least(int64_t rows, int64_t columns, const Path& path);

/** 8-bit PNG, grey or colour; equal images give equal bytes. */
std::string encode_png(const Image& image);
/** Whole or not at all. */
void write_png(const Path& path, const Image& image);

/** With 1 or 3 channels: grey is repeated; colour becomes 0.299 red + 0.587 green + 0.114 blue (ITU-R 601), as Pillow rounds it. */
Image with_channels(Image image, int64_t channels);

/** [1, C, H, W] in [0, 1]. */
Tensor to_tensor(const Image& image);
/** Image `n` of [N, C, H, W], or [C, H, W] itself: clipped to [0, 1], rounded to 8 bits. */
Image to_image(const Tensor& x, int64_t n = 0);

}  // namespace convscope

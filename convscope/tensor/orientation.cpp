#include "convscope/tensor/orientation.h"

#include <cstdint>

namespace convscope {

namespace {

constexpr std::string_view kExif("Exif\0\0", 6);

/** Numbers of a TIFF block, whose byte order its head tells. */
class Tiff {
 public:
  explicit Tiff(std::string_view bytes) : bytes_(bytes), big_(bytes.starts_with("MM")) {}

  bool holds(size_t at, size_t count) const { return at <= bytes_.size() && count <= bytes_.size() - at; }
  uint32_t number(size_t at, size_t width) const {
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) {
      const auto byte = static_cast<uint8_t>(bytes_[at + (big_ ? i : width - 1 - i)]);
      value = value << 8 | byte;
    }
    return value;
  }

 private:
  std::string_view bytes_;
  bool big_;
};

int orientation_in(std::string_view exif) {
  const Tiff tiff(exif);
  if (!exif.starts_with("MM") && !exif.starts_with("II")) return 1;
  if (!tiff.holds(4, 4)) return 1;
  const size_t entries = tiff.number(4, 4);
  if (!tiff.holds(entries, 2)) return 1;
  constexpr size_t kEntry = 12;
  constexpr uint32_t kOrientation = 0x0112, kShort = 3;
  for (size_t i = 0, count = tiff.number(entries, 2); i < count; ++i) {
    const size_t at = entries + 2 + i * kEntry;
    if (!tiff.holds(at, kEntry)) return 1;
    if (tiff.number(at, 2) != kOrientation) continue;
    const uint32_t value = tiff.number(at + 8, 2);
    return tiff.number(at + 2, 2) == kShort && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace

int orientation_of(std::string_view jpeg) {
  if (!jpeg.starts_with("\xff\xd8")) return 1;
  // Segments up to the first that is no block of an application: a mark, a length that counts itself, the content.
  for (size_t at = 2; at + 4 <= jpeg.size();) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(jpeg[i]); };
    if (byte(at) != 0xff) return 1;
    const uint8_t mark = byte(at + 1);
    const bool application = (mark >= 0xe0 && mark <= 0xef) || mark == 0xfe;
    const size_t length = static_cast<size_t>(byte(at + 2)) << 8 | byte(at + 3);
    if (!application || length < 2 || length > jpeg.size() - at - 2) return 1;
    const std::string_view content = jpeg.substr(at + 4, length - 2);
    if (mark == 0xe1 && content.starts_with(kExif)) return orientation_in(content.substr(kExif.size()));
    at += 2 + length;
  }
  return 1;
}

Image oriented(const Image& image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const int64_t h = image.rows, w = image.columns;
  const bool turned = orientation >= 5;
  Image made{image.channels, turned ? w : h, turned ? h : w, std::vector<uint8_t>(image.pixels.size())};
  for (int64_t c = 0; c < image.channels; ++c)
    for (int64_t i = 0; i < made.rows; ++i)
      for (int64_t j = 0; j < made.columns; ++j) {
        int64_t row = turned ? j : i, column = turned ? i : j;
        if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) column = w - 1 - column;
        if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) row = h - 1 - row;
        made.pixels[static_cast<size_t>((c * made.rows + i) * made.columns + j)] =
            image.pixels[static_cast<size_t>((c * h + row) * w + column)];
      }
  return made;
}

}  // namespace convscope

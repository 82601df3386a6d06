#include "convscope/tensor/gif.h"

#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "convscope/base/error.h"

namespace convscope {

namespace {

int take(GifFileType* gif, GifByteType* to, int count) {
  auto& rest = *static_cast<std::string_view*>(gif->UserData);
  const size_t taken = std::min(rest.size(), static_cast<size_t>(std::max(count, 0)));
  std::memcpy(to, rest.data(), taken);
  rest.remove_prefix(taken);
  return static_cast<int>(taken);
}

struct Close {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};
using Gif = std::unique_ptr<GifFileType, Close>;

/** Reads on to the first picture; the transparent colour that is said for it, −1: none. */
int to_first_picture(GifFileType* gif, std::string_view whose) {
  int transparent = -1;
  for (;;) {
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    require(DGifGetRecordType(gif, &record) == GIF_OK && record != TERMINATE_RECORD_TYPE && record != UNDEFINED_RECORD_TYPE,
            "{}: damaged or cut GIF image", whose);
    if (record == IMAGE_DESC_RECORD_TYPE) return transparent;
    if (record != EXTENSION_RECORD_TYPE) continue;
    int code = 0;
    GifByteType* block = nullptr;
    require(DGifGetExtension(gif, &code, &block) == GIF_OK, "{}: damaged or cut GIF image", whose);
    while (block != nullptr) {
      GraphicsControlBlock control;
      if (code == GRAPHICS_EXT_FUNC_CODE && block[0] == 4 && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
        transparent = control.TransparentColor;
      require(DGifGetExtensionNext(gif, &block) == GIF_OK, "{}: damaged or cut GIF image", whose);
    }
  }
}

/** The rows in the order in which an interlaced picture has them. */
std::vector<int> order_of_rows(int rows, bool interlaced) {
  std::vector<int> order;
  constexpr int kFirst[] = {0, 4, 2, 1}, kStep[] = {8, 8, 4, 2};
  for (int pass = 0; interlaced && pass < 4; ++pass)
    for (int r = kFirst[pass]; r < rows; r += kStep[pass]) order.push_back(r);
  for (int r = 0; !interlaced && r < rows; ++r) order.push_back(r);
  return order;
}

/** Bytes of blocks that each tell their length, up to the empty one; `at` stands at the first. */
bool skip_blocks(std::string_view bytes, size_t& at) {
  while (at < bytes.size()) {
    const size_t length = static_cast<uint8_t>(bytes[at]);
    at += length + 1;
    if (length == 0) return true;
  }
  return false;
}

}  // namespace

bool is_gif(std::string_view bytes) { return bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a"); }

DecodedGif decode_gif(std::string_view bytes, std::string_view whose, uint64_t most, uint64_t most_a_byte) {
  std::string_view rest = bytes;
  int error = 0;
  const Gif gif(DGifOpen(&rest, take, &error));
  require(gif != nullptr, "{}: damaged or cut GIF image", whose);
  const int transparent = to_first_picture(gif.get(), whose);
  const auto rows = static_cast<uint64_t>(std::max(gif->SHeight, 0)), columns = static_cast<uint64_t>(std::max(gif->SWidth, 0));
  require(rows > 0 && columns > 0 && rows <= most / columns, "{}: an image of {} x {} pixels; from 1 to {} in all are read", whose, columns,
          rows, most);
  constexpr uint64_t kSmall = 1 << 22;
  require(rows * columns <= kSmall || rows * columns / most_a_byte <= bytes.size(),
          "{}: damaged or cut GIF image ({} bytes cannot hold {} x {} pixels)", whose, bytes.size(), columns, rows);
  require(DGifGetImageDesc(gif.get()) == GIF_OK, "{}: damaged or cut GIF image", whose);
  const GifImageDesc& place = gif->Image;
  require(place.Left >= 0 && place.Top >= 0 && place.Width > 0 && place.Height > 0 && place.Left + place.Width <= gif->SWidth &&
              place.Top + place.Height <= gif->SHeight,
          "{}: damaged GIF image (a picture of {} x {} at {}, {} on a screen of {} x {})", whose, place.Width, place.Height, place.Left,
          place.Top, gif->SWidth, gif->SHeight);
  const ColorMapObject* colours = place.ColorMap ? place.ColorMap : gif->SColorMap;
  require(colours != nullptr && colours->ColorCount > 0, "{}: damaged GIF image (it has no colours)", whose);

  DecodedGif made{static_cast<int64_t>(rows), static_cast<int64_t>(columns), std::vector<uint8_t>(rows * columns * 3)};
  const auto paint = [&](size_t pixel, int index) {
    require(index < colours->ColorCount, "{}: damaged GIF image (colour {} of {})", whose, index, colours->ColorCount);
    const GifColorType& c = colours->Colors[index];
    uint8_t* to = made.pixels.data() + 3 * pixel;
    to[0] = c.Red;
    to[1] = c.Green;
    to[2] = c.Blue;
  };
  if (static_cast<uint64_t>(place.Width) * static_cast<uint64_t>(place.Height) < rows * columns) {
    const int around = transparent >= 0 && transparent < colours->ColorCount ? transparent : 0;
    for (size_t i = 0; i < rows * columns; ++i) paint(i, around);
  }
  std::vector<GifPixelType> line(static_cast<size_t>(place.Width));
  for (const int row : order_of_rows(place.Height, place.Interlace)) {
    require(DGifGetLine(gif.get(), line.data(), place.Width) == GIF_OK, "{}: damaged or cut GIF image", whose);
    const size_t begin = static_cast<size_t>(place.Top + row) * columns + static_cast<size_t>(place.Left);
    for (size_t c = 0; c < line.size(); ++c) paint(begin + c, line[c]);
  }
  return made;
}

bool has_more_pictures(std::string_view gif) {
  constexpr size_t kHead = 13, kDescription = 10;
  constexpr char kExtension = 0x21, kPicture = 0x2c;
  if (!is_gif(gif) || gif.size() < kHead) return false;
  const auto colours = [](uint8_t packed) { return (packed & 0x80) != 0 ? size_t{3} << ((packed & 7) + 1) : 0; };
  int pictures = 0;
  for (size_t at = kHead + colours(static_cast<uint8_t>(gif[10])); at < gif.size();) {
    if (gif[at] == kExtension) {
      at += 2;
    } else if (gif[at] == kPicture && at + kDescription <= gif.size()) {
      if (++pictures > 1) return true;
      at += kDescription + colours(static_cast<uint8_t>(gif[at + 9])) + 1;  // and the byte that tells the width of codes
    } else {
      return false;
    }
    if (!skip_blocks(gif, at)) return false;
  }
  return false;
}

}  // namespace convscope

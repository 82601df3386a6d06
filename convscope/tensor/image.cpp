#include "convscope/tensor/image.h"

#include <png.h>
#include <turbojpeg.h>
#include <webp/decode.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "convscope/tensor/any_jpeg.h"
#include "convscope/tensor/gif.h"
#include "convscope/tensor/pixel_kernels.h"

namespace convscope {

namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;
constexpr uint64_t kMaxPixels = uint64_t{1} << 27;
constexpr uint64_t kMaxDeflateRatio = 1032;  // no deflate stream unpacks to more
constexpr uint64_t kMaxJpegRatio = 512;      // pixels of a byte: a block of 64 takes a bit at least

constexpr std::string_view kPngMagic = "\x89PNG\r\n\x1a\n";
constexpr std::string_view kJpegMagic = "\xff\xd8\xff";
constexpr std::string_view kBmpMagic = "BM";
bool is_webp(std::string_view bytes) { return bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP"; }

void require_size(uint64_t rows, uint64_t columns, std::string_view whose) {
  require(rows > 0 && columns > 0 && rows <= kMaxPixels / columns, "{}: an image of {} x {} pixels; from 1 to {} in all are read", whose,
          columns, rows, kMaxPixels);
}

/** [H, W, C], as files have it, to [C, H, W]; C is 1 or 3. */
Image planar(const std::vector<uint8_t>& interleaved, int64_t channels, int64_t rows, int64_t columns) {
  Image image{channels, rows, columns, {}};
  if (channels == 1) {
    image.pixels = interleaved;
    return image;
  }
  assert(channels == 3);
  image.pixels.resize(interleaved.size());
  part_colours(interleaved.data(), rows * columns, image.pixels.data());
  return image;
}

std::vector<uint8_t> interleaved(const Image& image) {
  std::vector<uint8_t> all(image.pixels.size());
  const int64_t plane = image.rows * image.columns;
  for (int64_t c = 0; c < image.channels; ++c) {
    const uint8_t* from = image.pixels.data() + c * plane;
    for (int64_t i = 0; i < plane; ++i) all[static_cast<size_t>(i * image.channels + c)] = from[i];
  }
  return all;
}

// libpng reports errors by a long jump. The functions that it may jump out of (those with setjmp, and the callbacks) hold nothing
// that wants destroying.

struct PngTrouble {
  char text[128] = {};
};

[[noreturn]] void on_png_error(png_structp png, png_const_charp text) {
  auto* trouble = static_cast<PngTrouble*>(png_get_error_ptr(png));
  std::snprintf(trouble->text, sizeof trouble->text, "%s", text);
  png_longjmp(png, 1);
}

void on_png_warning(png_structp, png_const_charp) {}

class PngReader {
 public:
  explicit PngReader(std::string_view bytes) : left_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &trouble_, on_png_error, on_png_warning);
    info_ = png_ ? png_create_info_struct(png_) : nullptr;
    if (!info_) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      fail("libpng cannot start: out of memory");
    }
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  bool header() {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_set_user_limits(png_, 0x7fffffff, 0x7fffffff);  // ours is on the number of pixels
    png_set_chunk_malloc_max(png_, 8'000'000);
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);  // nor the known ones that are no pixels: texts unpack to much
    png_set_read_fn(png_, &left_, take);
    png_read_info(png_, info_);
    return true;
  }

  bool rows(png_bytepp to) {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_read_image(png_, to);
    png_read_end(png_, nullptr);
    return true;
  }

  /** Asks for 8-bit grey or RGB from now on. */
  bool want_plain() {
    if (setjmp(png_jmpbuf(png_))) return false;
    const int kind = png_get_color_type(png_, info_);
    if (kind == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
    if (kind == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png_);
    // As Pillow: of colour the high byte, of grey the nearest level.
    if (kind == PNG_COLOR_TYPE_GRAY)
      png_set_scale_16(png_);
    else
      png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }

  uint64_t width() const { return png_get_image_width(png_, info_); }
  uint64_t height() const { return png_get_image_height(png_, info_); }
  uint64_t row_bytes() const { return png_get_rowbytes(png_, info_); }
  const char* trouble() const { return trouble_.text; }

 private:
  static void take(png_structp png, png_bytep to, size_t size) {
    auto* left = static_cast<std::string_view*>(png_get_io_ptr(png));
    if (left->size() < size) png_error(png, "the file ends too early");
    std::memcpy(to, left->data(), size);
    left->remove_prefix(size);
  }

  std::string_view left_;
  PngTrouble trouble_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

Image parse_png(std::string_view bytes, std::string_view whose) {
  PngReader png(bytes);
  const auto check = [&](bool ok) { require(ok, "{}: damaged or cut PNG image ({})", whose, png.trouble()); };
  check(png.header());
  const uint64_t rows = png.height(), columns = png.width();
  require_size(rows, columns, whose);
  // Before memory is taken for what the header only claims.
  require(png.row_bytes() * rows / kMaxDeflateRatio <= bytes.size(), "{}: damaged or cut PNG image ({} bytes cannot hold {} x {} pixels)",
          whose, bytes.size(), columns, rows);
  check(png.want_plain());
  const uint64_t row_bytes = png.row_bytes();
  assert(row_bytes == columns || row_bytes == 3 * columns);

  std::vector<uint8_t> pixels(rows * row_bytes);
  std::vector<png_bytep> row(rows);
  for (size_t r = 0; r < rows; ++r) row[r] = pixels.data() + r * row_bytes;
  check(png.rows(row.data()));
  return planar(pixels, static_cast<int64_t>(row_bytes / columns), static_cast<int64_t>(rows), static_cast<int64_t>(columns));
}

struct CloseTurbo {
  void operator()(void* handle) const { tjDestroy(handle); }
};

/** Stray bytes between segments do no harm and stand in well-known data sets; every other warning means lost pixels. */
bool harmless(std::string_view warning) {
  return warning.find("extraneous bytes") != std::string_view::npos || warning.find("Adobe color transform") != std::string_view::npos;
}

/** Sides of a JPEG picture that is decoded whole or at a half, a quarter, an eighth. */
struct Sides {
  int rows, columns;
};

/** The smallest that are no smaller than `rows` × `columns`. The other eighths that libjpeg-turbo knows are no faster than the whole. */
Sides smallest_sides(Sides whole, int64_t rows, int64_t columns) {
  for (const int part : {8, 4, 2}) {
    const Sides scaled{(whole.rows + part - 1) / part, (whole.columns + part - 1) / part};
    if (scaled.rows >= rows && scaled.columns >= columns) return scaled;
  }
  return whole;
}

ScaledImage parse_jpeg(std::string_view bytes, std::string_view whose, int64_t least_rows, int64_t least_columns) {
  const std::unique_ptr<void, CloseTurbo> turbo(tjInitDecompress());
  require(turbo != nullptr, "TurboJPEG cannot start: {}", tjGetErrorStr2(nullptr));
  const auto check = [&](int status) {
    if (status == 0) return;
    const std::string_view text = tjGetErrorStr2(turbo.get());
    const bool go_on = tjGetErrorCode(turbo.get()) == TJERR_WARNING && harmless(text);
    require(go_on, "{}: damaged or cut JPEG image ({})", whose, text);
  };

  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, subsampling = 0, space = 0;
  if (tjDecompressHeader3(turbo.get(), data, bytes.size(), &width, &height, &subsampling, &space) != 0) {
    constexpr std::string_view kOdd = "subsampling";  // "Could not determine subsampling type for JPEG image"
    if (std::string_view(tjGetErrorStr2(turbo.get())).find(kOdd) == std::string_view::npos) check(-1);
    const DecodedJpeg any = decode_any_jpeg(bytes, whose, kMaxPixels, kMaxJpegRatio);
    return {planar(any.pixels, any.channels, any.rows, any.columns), any.rows, any.columns};
  }
  require(width > 0 && height > 0, "{}: damaged or cut JPEG image (it ends before its size is told)", whose);
  require_size(static_cast<uint64_t>(height), static_cast<uint64_t>(width), whose);
  require(static_cast<size_t>(width) * static_cast<size_t>(height) / kMaxJpegRatio <= bytes.size(),
          "{}: damaged or cut JPEG image ({} bytes cannot hold {} x {} pixels)", whose, bytes.size(), width, height);
  const auto [rows, columns] = smallest_sides({height, width}, least_rows, least_columns);
  const size_t count = static_cast<size_t>(columns) * static_cast<size_t>(rows);

  const bool inks = space == TJCS_CMYK || space == TJCS_YCCK;
  const int format = space == TJCS_GRAY ? TJPF_GRAY : inks ? TJPF_CMYK : TJPF_RGB;
  std::vector<uint8_t> pixels(count * static_cast<size_t>(tjPixelSize[format]));
  check(tjDecompress2(turbo.get(), data, bytes.size(), pixels.data(), columns, 0, rows, format, TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS));

  if (inks) {  // stored inverted: 255 is no ink, so light is the product
    for (size_t i = 0; i < count; ++i)
      for (size_t c = 0; c < 3; ++c) pixels[3 * i + c] = static_cast<uint8_t>((pixels[4 * i + c] * pixels[4 * i + 3] + 127) / 255);
    pixels.resize(3 * count);
  }
  return {planar(pixels, format == TJPF_GRAY ? 1 : 3, rows, columns), height, width};
}

/** Lossy and lossless WebP; alpha is dropped. Pictures that move are refused. */
Image parse_webp(std::string_view bytes, std::string_view whose) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  WebPBitstreamFeatures features;
  require(WebPGetFeatures(data, bytes.size(), &features) == VP8_STATUS_OK, "{}: damaged or cut WebP image", whose);
  require(!features.has_animation, "{}: a WebP that moves; one picture was wanted", whose);
  require(features.width > 0 && features.height > 0, "{}: damaged or cut WebP image", whose);
  const auto rows = static_cast<uint64_t>(features.height), columns = static_cast<uint64_t>(features.width);
  require_size(rows, columns, whose);
  // A few bytes can hold a plane of one colour; a large one of so few is refused before memory is taken for it.
  constexpr uint64_t kSmall = 1 << 22, kMostOfAByte = 4096;
  require(rows * columns <= kSmall || rows * columns / kMostOfAByte <= bytes.size(),
          "{}: damaged or cut WebP image ({} bytes cannot hold {} x {} pixels)", whose, bytes.size(), columns, rows);
  std::vector<uint8_t> pixels(rows * columns * 3);
  require(WebPDecodeRGBInto(data, bytes.size(), pixels.data(), pixels.size(), features.width * 3) != nullptr,
          "{}: damaged or cut WebP image", whose);
  return planar(pixels, 3, features.height, features.width);
}

/** The first picture; a code of LZW stands for 4096 pixels at most. */
Image parse_gif(std::string_view bytes, std::string_view whose) {
  constexpr uint64_t kMostOfAByte = 4096;
  const DecodedGif first = decode_gif(bytes, whose, kMaxPixels, kMostOfAByte);
  return planar(first.pixels, 3, first.rows, first.columns);
}

/** A number of a BMP file, lowest byte first. */
uint32_t little(std::string_view bytes, size_t at, size_t width) {
  uint32_t number = 0;
  for (size_t i = 0; i < width; ++i) number |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[at + i])) << (8 * i);
  return number;
}

/** Windows bitmaps of 8 (with a palette), 24 and 32 bits that are not compressed. */
Image parse_bmp(std::string_view bytes, std::string_view whose) {
  constexpr size_t kHead = 14, kInfo = 40;
  require(bytes.size() >= kHead + kInfo, "{}: damaged or cut BMP image", whose);
  const uint64_t begin = little(bytes, 10, 4), info = little(bytes, 14, 4);
  const auto width = static_cast<int32_t>(little(bytes, 18, 4)), height = static_cast<int32_t>(little(bytes, 22, 4));
  const uint32_t bits = little(bytes, 28, 2), packing = little(bytes, 30, 4);
  require(info >= kInfo, "{}: a BMP image of an old kind, with a header of {} bytes; save it as PNG", whose, info);
  require((packing == 0 || (packing == 3 && bits == 32)) && (bits == 8 || bits == 24 || bits == 32),
          "{}: a BMP image of {} bits, packed in way {}; 8, 24 and 32 bits that are not packed are read: save it as PNG", whose, bits,
          packing);
  require(width > 0 && height != 0 && height > std::numeric_limits<int32_t>::min(), "{}: damaged or cut BMP image", whose);
  const uint64_t columns = static_cast<uint64_t>(width), rows = static_cast<uint64_t>(std::abs(height)), each = bits / 8;
  require_size(rows, columns, whose);
  const uint64_t stride = (columns * each + 3) / 4 * 4;
  require(begin <= bytes.size() && stride * rows <= bytes.size() - begin,
          "{}: damaged or cut BMP image ({} bytes cannot hold {} x {} pixels)", whose, bytes.size(), columns, rows);
  const uint64_t palette = kHead + info;
  const uint32_t named = little(bytes, 46, 4), colours = bits == 8 ? (named == 0 ? 256 : std::min<uint32_t>(named, 256)) : 0;
  require(palette + uint64_t{4} * colours <= bytes.size(), "{}: damaged or cut BMP image", whose);
  std::vector<uint8_t> pixels(rows * columns * 3);
  for (uint64_t r = 0; r < rows; ++r) {
    const uint64_t line = begin + stride * (height > 0 ? rows - 1 - r : r);  // from the bottom up, unless the height says otherwise
    for (uint64_t c = 0; c < columns; ++c) {
      uint64_t at = line + c * each;
      if (bits == 8) {
        const auto colour = static_cast<uint8_t>(bytes[at]);
        require(colour < colours, "{}: damaged BMP image (colour {} of {})", whose, colour, colours);
        at = palette + uint64_t{4} * colour;
      }
      for (uint64_t k = 0; k < 3; ++k) pixels[(r * columns + c) * 3 + k] = static_cast<uint8_t>(bytes[at + 2 - k]);  // blue comes first
    }
  }
  return planar(pixels, 3, static_cast<int64_t>(rows), static_cast<int64_t>(columns));
}

std::string beginning(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 8);
  const bool readable = std::all_of(head.begin(), head.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (readable) return fmt::format("'{}'", head);
  std::string hex;
  for (const char c : head) hex += fmt::format("{}{:02x}", hex.empty() ? "" : " ", static_cast<unsigned char>(c));
  return "the bytes " + hex;
}

void require_whole(const Image& image) {
  require((image.channels == 1 || image.channels == 3) && image.rows > 0 && image.columns > 0,
          "an image of {} channels, {} rows and {} columns; 1 or 3 channels and at least one pixel are wanted", image.channels, image.rows,
          image.columns);
  require(static_cast<int64_t>(image.pixels.size()) == image.channels * image.rows * image.columns, "an image [{}, {}, {}] with {} numbers",
          image.channels, image.rows, image.columns, image.pixels.size());
}

void append(png_structp png, png_bytep bytes, size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(bytes), size);
}

bool encode(png_structp png, png_infop info, const Image& image, png_bytepp rows, std::string& to) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_write_fn(png, &to, append, nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(image.columns), static_cast<png_uint_32>(image.rows), 8,
               image.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  png_write_image(png, rows);
  png_write_end(png, nullptr);
  return true;
}

}  // namespace

ScaledImage parse_image_at_least(int64_t rows, int64_t columns, std::string_view bytes, std::string_view whose) {
  require(!bytes.empty(), "{}: is empty, a PNG, JPEG, WebP, BMP or GIF image was wanted", whose);
  const auto parse = bytes.starts_with(kPngMagic)   ? parse_png
                     : is_webp(bytes)               ? parse_webp
                     : is_gif(bytes)                ? parse_gif
                     : bytes.starts_with(kBmpMagic) ? parse_bmp
                                                    : nullptr;
  if (parse) {
    Image whole = parse(bytes, whose);
    const int64_t all_rows = whole.rows, all_columns = whole.columns;
    return {std::move(whole), all_rows, all_columns};
  }
  require(bytes.starts_with(kJpegMagic), "{}: not a JPEG, PNG, WebP, BMP or GIF image (begins with {})", whose, beginning(bytes));
  return parse_jpeg(bytes, whose, rows, columns);
}

ScaledImage read_image_at_least(int64_t rows, int64_t columns, const Path& path) {
  return parse_image_at_least(rows, columns, read_file(path, kMaxFileBytes), path.string());
}

Image parse_image(std::string_view bytes, std::string_view whose) {
  constexpr int64_t kWhole = std::numeric_limits<int64_t>::max();
  return parse_image_at_least(kWhole, kWhole, bytes, whose).image;
}

Image read_image(const Path& path) { return parse_image(read_file(path, kMaxFileBytes), path.string()); }

std::string encode_png(const Image& image) {
  require_whole(image);
  std::vector<uint8_t> pixels = interleaved(image);
  std::vector<png_bytep> rows(static_cast<size_t>(image.rows));
  for (size_t r = 0; r < rows.size(); ++r) rows[r] = pixels.data() + r * static_cast<size_t>(image.columns * image.channels);

  PngTrouble trouble;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &trouble, on_png_error, on_png_warning);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  std::string bytes;
  const bool done = info && encode(png, info, image, rows.data(), bytes);
  png_destroy_write_struct(&png, &info);
  require(done, "cannot make a PNG image: {}", trouble.text);
  return bytes;
}

void write_png(const Path& path, const Image& image) { write_file(path, encode_png(image)); }

Image with_channels(Image image, int64_t channels) {
  require_whole(image);
  require(channels == 1 || channels == 3, "an image with {} channels was asked for; it has 1 or 3", channels);
  if (channels == image.channels) return image;
  const size_t plane = static_cast<size_t>(image.rows * image.columns);
  std::vector<uint8_t> pixels(plane * static_cast<size_t>(channels));
  for (size_t i = 0; i < plane; ++i) {
    if (channels == 3) {
      for (size_t c = 0; c < 3; ++c) pixels[c * plane + i] = image.pixels[i];
    } else {
      // ITU-R 601 with 16 bits behind the point: Pillow's numbers.
      const int grey = 19595 * image.pixels[i] + 38470 * image.pixels[plane + i] + 7471 * image.pixels[2 * plane + i];
      pixels[i] = static_cast<uint8_t>((grey + (1 << 15)) >> 16);
    }
  }
  return {channels, image.rows, image.columns, std::move(pixels)};
}

Tensor to_tensor(const Image& image) {
  require_whole(image);
  Tensor x(Shape{1, image.channels, image.rows, image.columns});
  for (int64_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(image.pixels[static_cast<size_t>(i)]) / 255.0f;
  return x;
}

Image to_image(const Tensor& x, int64_t n) {
  const Shape& s = x.shape();
  require(s.rank() == 3 || s.rank() == 4, "an image is [C, H, W] or one of [N, C, H, W], got {}", s);
  const int c = s.rank() - 3;
  require(n >= 0 && n < (c == 1 ? s[0] : 1), "image {} of {} was asked for", n, s);
  Image image{s[c], s[c + 1], s[c + 2], {}};
  const std::span<const float> values = c == 1 ? x.row(n) : x.span();
  require(all_finite(values), "an image {} holds numbers that are not finite", s);
  image.pixels.reserve(values.size());
  for (const float v : values) image.pixels.push_back(static_cast<uint8_t>(std::lround(std::clamp(v, 0.0f, 1.0f) * 255.0f)));
  require_whole(image);
  return image;
}

}  // namespace convscope

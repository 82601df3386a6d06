#include "convscope/tensor/image.h"

#include <png.h>
#include <sys/resource.h>
#include <turbojpeg.h>
#include <zlib.h>

#include <cmath>
#include <functional>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/tensor/gif.h"
#include "convscope/tensor/images_testing.h"
#include "convscope/tensor/orientation.h"

namespace convscope {
namespace {

constexpr int kJpegNoise = 6;  // of 255: smooth pictures at quality 95

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

/** Columns brighten, rows shift the colours, smooth enough for JPEG. */
Image ramp(int64_t channels, int64_t rows, int64_t columns) {
  Image image{channels, rows, columns, {}};
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t x = 0; x < columns; ++x) image.pixels.push_back(static_cast<uint8_t>((x * 150 / columns + r * (c + 1)) % 256));
  return image;
}

struct RawPng {
  int kind;
  int depth;
  int64_t rows, columns;
  std::vector<uint8_t> bytes;  // rows as PNG packs them
  std::vector<png_color> palette = {};
  bool interlaced = false;
};

/** What libpng itself writes for a kind of picture that `encode_png` never makes. */
std::string png_of(RawPng raw) {
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep b, size_t n) { static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char*>(b), n); },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(raw.columns), static_cast<png_uint_32>(raw.rows), raw.depth, raw.kind,
               raw.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!raw.palette.empty()) png_set_PLTE(png, info, raw.palette.data(), static_cast<int>(raw.palette.size()));
  png_write_info(png, info);
  std::vector<png_bytep> rows;
  const size_t stride = raw.bytes.size() / static_cast<size_t>(raw.rows);
  for (size_t r = 0; r < static_cast<size_t>(raw.rows); ++r) rows.push_back(raw.bytes.data() + r * stride);
  png_write_image(png, rows.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

std::string jpeg_of(std::vector<uint8_t> interleaved, int rows, int columns, int format, int subsampling) {
  tjhandle turbo = tjInitCompress();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  tjCompress2(turbo, interleaved.data(), columns, 0, rows, format, &data, &size, subsampling, 95, TJFLAG_ACCURATEDCT);
  std::string out(reinterpret_cast<char*>(data), size);
  tjFree(data);
  tjDestroy(turbo);
  return out;
}

std::string jpeg_of(const Image& image) {
  std::vector<uint8_t> all;
  const int64_t plane = image.rows * image.columns;
  for (int64_t i = 0; i < plane; ++i)
    for (int64_t c = 0; c < image.channels; ++c) all.push_back(image.pixels[static_cast<size_t>(c * plane + i)]);
  return jpeg_of(all, static_cast<int>(image.rows), static_cast<int>(image.columns), image.channels == 1 ? TJPF_GRAY : TJPF_RGB,
                 image.channels == 1 ? TJSAMP_GRAY : TJSAMP_444);
}

int difference(const Image& a, const Image& b) {
  if (a.channels != b.channels || a.rows != b.rows || a.columns != b.columns) return 256;
  int most = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) most = std::max(most, std::abs(a.pixels[i] - b.pixels[i]));
  return most;
}

TEST(Png, ComesBackAsItWasWritten) {
  for (const int64_t channels : {1, 3}) {
    const Image image = ramp(channels, 7, 13);
    EXPECT_EQ(parse_image(encode_png(image), "x.png"), image);
    EXPECT_EQ(encode_png(image), encode_png(image));
  }
}

TEST(Png, GoesThroughAFile) {
  const TemporaryFolder folder;
  const Path path = folder / "image.png";
  const Image image = ramp(3, 4, 5);
  write_png(path, image);
  EXPECT_EQ(read_image(path), image);
  EXPECT_THROW_SAYING(read_image(folder / "other.png"), "other.png: cannot read");
}

TEST(Png, OfSixteenBitsIsRoundedToEight) {
  const Image image = parse_image(png_of({PNG_COLOR_TYPE_GRAY, 16, 1, 4, {0x00, 0x00, 0x01, 0x00, 0x80, 0xff, 0xff, 0xff}}), "x.png");
  EXPECT_EQ(image, (Image{1, 1, 4, {0, 1, 128, 255}}));  // round(v / 257)
}

TEST(Png, OfSixteenBitsInColourIsReadAsPillowReadsIt) {
  const std::vector<uint8_t> levels{0x00, 0xff, 0x7f, 0xff, 0xff, 0xfe};  // the high bytes count
  EXPECT_EQ(parse_image(png_of({PNG_COLOR_TYPE_RGB, 16, 1, 1, levels}), "x.png"), (Image{3, 1, 1, {0, 0x7f, 0xff}}));
}

TEST(Png, OfFewBitsFillsTheRange) {
  EXPECT_EQ(parse_image(png_of({PNG_COLOR_TYPE_GRAY, 2, 1, 4, {0b00'01'10'11}}), "x.png"), (Image{1, 1, 4, {0, 85, 170, 255}}));
}

TEST(Png, WithAPaletteBecomesColour) {
  const RawPng raw{PNG_COLOR_TYPE_PALETTE, 8, 2, 2, {0, 1, 2, 0}, {{1, 2, 3}, {10, 20, 30}, {100, 150, 200}}};
  EXPECT_EQ(parse_image(png_of(raw), "x.png"), (Image{3, 2, 2, {1, 10, 100, 1, 2, 20, 150, 2, 3, 30, 200, 3}}));
}

TEST(Png, LosesItsAlphaAndKeepsItsColours) {
  EXPECT_EQ(parse_image(png_of({PNG_COLOR_TYPE_RGB_ALPHA, 8, 1, 2, {9, 8, 7, 0, 4, 5, 6, 128}}), "x.png"),
            (Image{3, 1, 2, {9, 4, 8, 5, 7, 6}}));
  EXPECT_EQ(parse_image(png_of({PNG_COLOR_TYPE_GRAY_ALPHA, 8, 1, 2, {9, 0, 4, 255}}), "x.png"), (Image{1, 1, 2, {9, 4}}));
}

TEST(Png, MayBeInterlaced) {
  const Image image = ramp(1, 9, 11);
  EXPECT_EQ(parse_image(png_of({PNG_COLOR_TYPE_GRAY, 8, 9, 11, image.pixels, {}, true}), "x.png"), image);
}

TEST(Png, CutAnywhereIsAnError) {
  const std::string whole = encode_png(ramp(3, 6, 6));
  for (size_t size = 8; size < whole.size(); ++size) {
    const std::string text = error_of([&] { parse_image(whole.substr(0, size), "cut.png"); });
    ASSERT_TRUE(text.starts_with("cut.png: damaged or cut PNG image (")) << size << ": " << text;
  }
}

TEST(Png, WithAFlippedBitIsAnError) {
  const std::string whole = encode_png(ramp(1, 16, 16));
  for (size_t at = 16; at + 12 < whole.size(); ++at) {
    std::string bad = whole;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    EXPECT_NE(error_of([&] { parse_image(bad, "bad.png"); }), "no error") << at;
  }
}

/** A header that claims `width` x `height`, with its right checksum. */
std::string png_claiming(uint32_t width, uint32_t height) {
  std::string header = "IHDR";
  for (const uint32_t v : {width, height})
    for (int shift = 24; shift >= 0; shift -= 8) header += static_cast<char>(v >> shift);
  header += std::string("\x08\x02\x00\x00\x00", 5);
  uint32_t crc = 0xffffffff;
  for (const char c : header) {
    crc ^= static_cast<unsigned char>(c);
    for (int k = 0; k < 8; ++k) crc = crc & 1 ? 0xedb88320 ^ (crc >> 1) : crc >> 1;
  }
  crc = ~crc;
  std::string bytes = std::string("\x89PNG\r\n\x1a\n") + std::string("\x00\x00\x00\x0d", 4) + header;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(crc >> shift);
  return bytes + std::string("\x00\x00\x00\x01IDAT", 8);
}

TEST(Png, OfAbsurdSizeIsRefusedBeforeMemoryIsTaken) {
  EXPECT_NE(error_of([] { parse_image(png_claiming(2'000'000'000, 2'000'000'000), "bomb.png"); }).find("2000000000 x 2000000000 pixels"),
            std::string::npos);
  EXPECT_NE(error_of([] { parse_image(png_claiming(10'000, 10'000), "bomb.png"); }).find("cannot hold 10000 x 10000"), std::string::npos);
  EXPECT_NE(error_of([] { parse_image(png_claiming(0, 10), "bomb.png"); }), "no error");
}

TEST(Png, WithTextThatUnpacksToMuchIsReadWithoutIt) {
  // 500 texts of 4 MB each in 2 MB: kept, they would take 2 GB.
  const std::string whole = encode_png(ramp(1, 4, 4));
  std::string packed(8192, '\0');
  uLongf size = packed.size();
  const std::string zeros(4'000'000, 'a');
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(zeros.data()), zeros.size()), Z_OK);
  const std::string content = std::string("zTXtwords\0\0", 11) + packed.substr(0, size);
  const auto number = [](uint64_t v) {
    return std::string{static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8), static_cast<char>(v)};
  };
  const std::string text = number(content.size() - 4) + content +
                           number(crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
  std::string bytes = whole.substr(0, 33);  // the magic and the header
  for (int i = 0; i < 500; ++i) bytes += text;
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  EXPECT_EQ(parse_image(bytes + whole.substr(33), "x.png"), ramp(1, 4, 4));
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 500'000) << "KB";
}

TEST(Jpeg, ComesBackNearWhatWasWritten) {
  for (const int64_t channels : {1, 3}) {
    const Image image = ramp(channels, 24, 40);
    EXPECT_LE(difference(parse_image(jpeg_of(image), "x.jpg"), image), kJpegNoise);
  }
}

TEST(Jpeg, OfInksBecomesLight) {
  // One flat colour in Adobe's inverted inks: 255 is no ink.
  std::vector<uint8_t> inks;
  for (int i = 0; i < 64; ++i) inks.insert(inks.end(), {200, 100, 50, 128});
  for (const int subsampling : {TJSAMP_444, TJSAMP_420}) {
    const Image image = parse_image(jpeg_of(inks, 8, 8, TJPF_CMYK, subsampling), "x.jpg");
    Image light{3, 8, 8, {}};
    for (const int v : {200, 100, 50}) light.pixels.insert(light.pixels.end(), 64, static_cast<uint8_t>(v * 128 / 255));
    EXPECT_LE(difference(image, light), kJpegNoise);
  }
}

TEST(ScaledJpeg, IsTheSmallestThatIsNoSmallerThanWanted) {
  const std::string bytes = jpeg_of(ramp(3, 45, 67));
  const auto size = [&](int64_t rows, int64_t columns) {
    const ScaledImage found = parse_image_at_least(rows, columns, bytes, "x.jpg");
    EXPECT_EQ(std::pair(found.rows, found.columns), std::pair(int64_t{45}, int64_t{67}));
    EXPECT_EQ(std::ssize(found.image.pixels), 3 * found.image.rows * found.image.columns);
    return std::pair(found.image.rows, found.image.columns);
  };
  using Size = std::pair<int64_t, int64_t>;
  EXPECT_EQ(size(1, 1), Size(6, 9));  // an eighth, rounded up
  EXPECT_EQ(size(6, 9), Size(6, 9));
  EXPECT_EQ(size(7, 1), Size(12, 17));
  EXPECT_EQ(size(1, 18), Size(23, 34));
  EXPECT_EQ(size(23, 34), Size(23, 34));
  EXPECT_EQ(size(24, 1), Size(45, 67));
  EXPECT_EQ(size(1000, 1000), Size(45, 67));
  EXPECT_EQ(parse_image_at_least(24, 1, bytes, "x.jpg").image, parse_image(bytes, "x.jpg"));
}

TEST(ScaledJpeg, LooksLikeTheWholeMadeSmaller) {
  const Image image = ramp(3, 64, 96);
  const std::string bytes = jpeg_of(image);
  const ScaledImage half = parse_image_at_least(32, 48, bytes, "x.jpg");
  ASSERT_EQ(half.image.rows, 32);
  for (int64_t c = 0; c < 3; ++c)
    for (int64_t r = 0; r < 32; ++r)
      for (int64_t x = 0; x < 48; ++x) {
        const auto whole = [&](int64_t row, int64_t column) {
          return int{image.pixels[static_cast<size_t>((c * 64 + row) * 96 + column)]};
        };
        const int mean = (whole(2 * r, 2 * x) + whole(2 * r, 2 * x + 1) + whole(2 * r + 1, 2 * x) + whole(2 * r + 1, 2 * x + 1) + 2) / 4;
        ASSERT_NEAR(half.image.pixels[static_cast<size_t>((c * 32 + r) * 48 + x)], mean, kJpegNoise) << c << ' ' << r << ' ' << x;
      }
}

TEST(ScaledJpeg, OtherPicturesComeWhole) {
  const Image image = ramp(3, 40, 24);
  const ScaledImage found = parse_image_at_least(1, 1, encode_png(image), "x.png");
  EXPECT_EQ(found.image, image);
  EXPECT_EQ(found.rows, 40);
}

TEST(Jpeg, CutAnywhereIsAnError) {
  const std::string whole = jpeg_of(ramp(3, 24, 40));
  for (size_t size = 3; size < whole.size(); ++size) {
    const std::string text = error_of([&] { parse_image(whole.substr(0, size), "cut.jpg"); });
    ASSERT_TRUE(text.starts_with("cut.jpg: damaged or cut JPEG image (")) << size << ": " << text;
  }
}

TEST(Jpeg, OfAbsurdSizeIsRefusedBeforeMemoryIsTaken) {
  std::string bytes = jpeg_of(ramp(1, 8, 8));
  const size_t size = bytes.find("\xff\xc0") + 5;  // of the frame: rows, then columns
  bytes.replace(size, 4, "\x20\x00\x20\x00", 4);
  EXPECT_NE(error_of([&] { parse_image(bytes, "bomb.jpg"); }).find("bytes cannot hold 8192 x 8192 pixels"), std::string::npos);
}

TEST(Jpeg, OfOneColourIsReadHoweverSmallItIs) {
  const Image image{1, 2048, 2048, std::vector<uint8_t>(2048 * 2048, 200)};
  EXPECT_LE(difference(parse_image(jpeg_of(image), "x.jpg"), image), kJpegNoise);
}

TEST(Jpeg, WithStrayBytesBeforeItsEndIsRead) {
  const Image image = ramp(1, 24, 40);
  std::string bytes = jpeg_of(image);
  bytes.insert(bytes.size() - 2, "stray");
  EXPECT_LE(difference(parse_image(bytes, "x.jpg"), image), kJpegNoise);
}

TEST(ReadImage, SaysWhatAForeignFileBeginsWith) {
  EXPECT_EQ(error_of([] { parse_image("TIFF and more", "file.png"); }),
            "file.png: not a JPEG, PNG, WebP, BMP or GIF image (begins with 'TIFF and')");
  EXPECT_EQ(error_of([] { parse_image(std::string("\0\1\xff", 3), "file.png"); }),
            "file.png: not a JPEG, PNG, WebP, BMP or GIF image (begins with the bytes 00 01 ff)");
  EXPECT_EQ(error_of([] { parse_image("", "file.png"); }), "file.png: is empty, a PNG, JPEG, WebP, BMP or GIF image was wanted");
}

TEST(ImageTensor, KeepsEveryOfThe256Values) {
  Image image{1, 16, 16, {}};
  for (int v = 0; v < 256; ++v) image.pixels.push_back(static_cast<uint8_t>(v));
  const Tensor x = to_tensor(image);
  EXPECT_EQ(x.shape(), (Shape{1, 1, 16, 16}));
  EXPECT_EQ(x[0], 0.0f);
  EXPECT_EQ(x[255], 1.0f);
  EXPECT_EQ(to_image(x), image);
}

TEST(ImageTensor, IsClippedAndRounded) {
  const Tensor x(Shape{2, 1, 1, 3}, {0.0f, 0.0f, 0.0f, -3.0f, 7.0f, 100.6f / 255});
  EXPECT_EQ(to_image(x, 1), (Image{1, 1, 3, {0, 255, 101}}));
  EXPECT_NE(error_of([&] { to_image(x, 2); }), "no error");
  EXPECT_NE(error_of([] { to_image(Tensor(Shape{1, 1, 1}, {NAN})); }), "no error");
  EXPECT_NE(error_of([] { to_image(Tensor(Shape{2, 4, 4})); }), "no error");  // two channels are no picture
}

TEST(ImageChannels, RepeatGreyAndWeighColour) {
  EXPECT_EQ(with_channels({1, 1, 2, {10, 20}}, 3), (Image{3, 1, 2, {10, 20, 10, 20, 10, 20}}));
  EXPECT_EQ(with_channels({3, 1, 2, {255, 0, 255, 100, 255, 0}}, 1), (Image{1, 1, 2, {255, 59}}));
}

TEST(ImageChannels, BecomeGreyAsInPillow) {
  for (const Json& c : testing_images::cases("grey"))
    EXPECT_EQ(with_channels(testing_images::picture(c["picture"]), 1), testing_images::picture(c["result"])) << c["result"];
}

TEST(ImageFiles, AreDecodedAsByPillow) {
  for (const Json& c : testing_images::cases("file"))
    EXPECT_EQ(parse_image(testing_images::bytes(c["file"]), "x"), testing_images::picture(c["result"])) << c["file"];
}

const Path kKinds = Path(CONVSCOPE_FIXTURES) / "pictures";
constexpr const char* kGifs[] = {"plain.gif", "interlaced.gif", "placed.gif", "moves.gif", "grey.gif"};
constexpr const char* kWebpAndBmp[] = {"lossless.webp", "lossy.webp", "alpha.webp", "colour.bmp", "alpha.bmp", "palette.bmp", "grey.bmp"};

TEST(ImageFiles, OfWebpAndBmpAreDecodedAsByPillow) {
  for (const std::string name : kWebpAndBmp)
    EXPECT_EQ(read_image(kKinds / name), with_channels(read_image(kKinds / (name + ".png")), 3)) << name;
  EXPECT_NE(error_of([] { read_image(kKinds / "moves.webp"); }).find("a WebP that moves"), std::string::npos);
}

TEST(ImageFiles, OfGifAreTheFirstPictureAsByPillow) {
  for (const std::string name : kGifs) EXPECT_EQ(read_image(kKinds / name), with_channels(read_image(kKinds / (name + ".png")), 3)) << name;
  for (const std::string name : kGifs) EXPECT_EQ(has_more_pictures(read_file(kKinds / name)), name == "moves.gif") << name;
}

TEST(ImageFiles, OfGifThatAreDamagedAreReadOrRefused) {
  const Reader read = [](std::string_view damaged) {
    (void)has_more_pictures(damaged);
    parse_image(damaged, "x");
  };
  for (const std::string name : kGifs) {
    const std::string file = read_file(kKinds / name);
    cut_everywhere(file, read);
    flip_bytes(file, read, 3000, 64);
  }
  std::string huge = read_file(kKinds / "plain.gif");  // a screen that few bytes claim
  huge.replace(6, 4, "\xff\xff\xff\xff");
  EXPECT_NE(error_of([&] { parse_image(huge, "x.gif"); }), "no error");
  huge.replace(6, 4, std::string("\x00\x10\x00\x40", 4));
  EXPECT_NE(error_of([&] { parse_image(huge, "x.gif"); }).find("cannot hold"), std::string::npos);
}

TEST(ImageFiles, OfOddSamplingAreDecodedAsByPillow) {
  EXPECT_EQ(read_image(kKinds / "odd.jpg"), read_image(kKinds / "odd.jpg.png"));
  const std::string file = read_file(kKinds / "odd.jpg");
  const Reader read = [](std::string_view damaged) { parse_image(damaged, "x"); };
  cut_everywhere(file, read);
  flip_bytes(file, read, 5000, 256);
}

TEST(ImageFiles, AreTurnedAsTheirCameraWasHeld) {
  for (const int orientation : {1, 3, 5, 6, 8}) {
    const std::string name = fmt::format("turned-{}.jpg", orientation), bytes = read_file(kKinds / name);
    EXPECT_EQ(orientation_of(bytes), orientation);
    EXPECT_EQ(oriented(parse_image(bytes, name), orientation_of(bytes)), read_image(kKinds / (name + ".png"))) << name;
  }
  const Image four{1, 2, 2, {1, 2, 3, 4}};
  EXPECT_EQ(oriented(four, 2).pixels, (std::vector<uint8_t>{2, 1, 4, 3}));
  EXPECT_EQ(oriented(four, 4).pixels, (std::vector<uint8_t>{3, 4, 1, 2}));
  EXPECT_EQ(oriented(four, 7).pixels, (std::vector<uint8_t>{4, 2, 3, 1}));
  EXPECT_EQ(orientation_of(""), 1);
  const std::string whole = read_file(kKinds / "turned-6.jpg");
  const Reader read = [](std::string_view damaged) { (void)orientation_of(damaged); };
  cut_everywhere(whole.substr(0, 200), read);
  flip_bytes(whole, read, 5000, 64);
}

TEST(ImageFiles, OfWebpAndBmpThatAreDamagedAreReadOrRefused) {
  const Reader read = [](std::string_view damaged) { parse_image(damaged, "x"); };
  for (const std::string name : kWebpAndBmp) {
    const std::string file = read_file(kKinds / name);
    cut_everywhere(file, read);
    flip_bytes(file, read, 3000, 256);
  }
  // Sizes that a header alone claims.
  std::string huge = read_file(kKinds / "colour.bmp");
  for (const size_t at : {18u, 22u}) huge.replace(at, 4, std::string("\xff\xff\x00\x00", 4));
  EXPECT_NE(error_of([&] { parse_image(huge, "x.bmp"); }), "no error");
}

TEST(ImageFiles, DamagedInAnyWayAreReadOrRefused) {
  const Reader read = [](std::string_view damaged) { parse_image(damaged, "x"); };
  for (const Json& c : testing_images::cases("file")) {
    const std::string file = testing_images::bytes(c["file"]);
    ASSERT_LE(file.size(), 4096u);
    cut_everywhere(file, read);
    flip_bytes(file, read, 10'000, 256);
  }
}

}  // namespace
}  // namespace convscope

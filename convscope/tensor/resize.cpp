#include "convscope/tensor/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "convscope/base/nearest.h"
#include "convscope/tensor/pixel_kernels.h"

namespace convscope {

namespace {

constexpr int64_t kMaxSide = int64_t{1} << 16;
constexpr int64_t kMostPixels = int64_t{1} << 27;
constexpr int64_t kTile = 16;  // rows and columns that are transposed at once

void require_size(int64_t rows, int64_t columns) {
  require(rows >= 1 && columns >= 1 && rows <= kMaxSide && columns <= kMaxSide && rows <= kMostPixels / columns,
          "a picture of {} x {} pixels (rows x columns) was asked for; sides of 1 to {} and at most {} pixels in all can be made", rows,
          columns, kMaxSide, kMostPixels);
}

/** One channel, with room for whole tiles on the right and below. */
struct Plane {
  Plane(int64_t row_count, int64_t column_count)
      : rows(row_count),
        columns(column_count),
        stride((column_count + kPixelLanes - 1) / kPixelLanes * kPixelLanes),  // as the inner loops take them
        pixels(static_cast<size_t>((rows + kTile - 1) / kTile * kTile * stride)) {}
  uint8_t* row(int64_t r) { return pixels.data() + r * stride; }
  const uint8_t* row(int64_t r) const { return pixels.data() + r * stride; }

  int64_t rows, columns, stride;
  std::vector<uint8_t> pixels;
};

/** Some lines one after the other. */
struct Lines {
  int64_t first, count;

  int64_t end() const { return first + count; }
};

/** Output line i is the sum of the input lines lines[i], times weights[i · most …]. */
struct Weights {
  std::vector<Lines> lines;
  std::vector<int32_t> weights;
  int64_t most;

  /** The input lines that are wanted at all; counted from the first of them from now on. */
  Lines cut() {
    const Lines all{lines.front().first, lines.back().end() - lines.front().first};
    for (Lines& some : lines) some.first -= all.first;
    return all;
  }
};

/** Pillow's precompute_coeffs and normalize_coeffs_8bpc for the triangle filter, operation by operation; of a `part` of the output. */
Weights triangle_weights(int64_t in, int64_t out, const Lines& part) {
  const double scale = static_cast<double>(in) / static_cast<double>(out), stretch = std::max(1.0, scale), slope = 1.0 / stretch;
  Weights w;
  w.most = static_cast<int64_t>(std::ceil(stretch)) * 2 + 1;
  w.lines.reserve(static_cast<size_t>(part.count));
  w.weights.assign(static_cast<size_t>(part.count * w.most), 0);
  std::vector<double> exact(static_cast<size_t>(w.most));
  for (int64_t i = 0; i < part.count; ++i) {
    const double centre = (static_cast<double>(part.first + i) + 0.5) * scale;
    const int64_t first = std::max<int64_t>(0, static_cast<int64_t>(centre - stretch + 0.5));
    const int64_t count = std::min(in, static_cast<int64_t>(centre + stretch + 0.5)) - first;
    double sum = 0;
    for (int64_t k = 0; k < count; ++k) {
      const double distance = std::abs((static_cast<double>(k + first) - centre + 0.5) * slope);
      exact[static_cast<size_t>(k)] = distance < 1.0 ? 1.0 - distance : 0.0;
      sum += exact[static_cast<size_t>(k)];
    }
    for (int64_t k = 0; k < count; ++k)
      w.weights[static_cast<size_t>(i * w.most + k)] =
          static_cast<int32_t>(0.5 + (sum != 0 ? exact[static_cast<size_t>(k)] / sum : 0.0) * (1 << kWeightBits));
    w.lines.push_back({first, count});
  }
  return w;
}

/** Rows of `out` from rows of `in`. */
void weigh_plane(const Plane& in, const Weights& w, Plane& out) {
  for (int64_t i = 0; i < out.rows; ++i) {
    const Lines& from = w.lines[static_cast<size_t>(i)];
    weigh_rows(in.row(from.first), in.stride, w.weights.data() + i * w.most, from.count, in.stride, out.row(i));
  }
}

using Line = uint8_t __attribute__((vector_size(kTile)));  // a line of a tile; GCC and Clang know this on every processor

/** Shuffling two halves into each other four times exchanges rows and columns: each time an index' highest bit becomes its lowest. */
void transpose_tile(Line (&lines)[kTile]) {
  for (int round = 0; round < 4; ++round) {
    Line shuffled[kTile];
    for (size_t i = 0; i < kTile / 2; ++i) {
      const Line a = lines[i], b = lines[i + kTile / 2];
      shuffled[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      shuffled[2 * i + 1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    std::copy_n(shuffled, kTile, lines);
  }
}

void transpose(const Plane& from, Plane& to) {
  for (int64_t r = 0; r < from.rows; r += kTile)
    for (int64_t c = 0; c < from.columns; c += kTile) {
      Line lines[kTile];
      for (int64_t i = 0; i < kTile; ++i) std::memcpy(lines + i, from.row(r + i) + c, kTile);
      transpose_tile(lines);
      for (int64_t i = 0; i < kTile; ++i) std::memcpy(to.row(c + i) + r, lines + i, kTile);
    }
}

/** Python's round(n / 2): a half goes to the even number. */
int64_t half_to_even(int64_t n) {
  const int64_t below = n / 2;
  return n % 2 == 0 ? below : below + below % 2;
}

}  // namespace

Image resize(const Image& image, int64_t rows, int64_t columns) { return resize_part(image, rows, columns, {0, 0, rows, columns}); }

Image resize_part(const Image& image, int64_t rows, int64_t columns, const Window& part) {
  require_size(rows, columns);
  require(image.rows >= 1 && image.columns >= 1, "a picture of {} x {} pixels cannot be resized", image.rows, image.columns);
  require(part.row >= 0 && part.column >= 0 && part.rows >= 1 && part.columns >= 1 && part.row + part.rows <= rows &&
              part.column + part.columns <= columns,
          "{} x {} pixels from ({}, {}) on are no part of {} x {} (rows x columns)", part.rows, part.columns, part.row, part.column, rows,
          columns);
  // A pass that changes no size is left out, as Pillow does.
  const bool narrows = image.columns != columns, shortens = image.rows != rows;
  if (!narrows && !shortens) return part == Window{0, 0, rows, columns} ? image : crop(image, part);
  const Lines wanted_rows{part.row, part.rows}, wanted_columns{part.column, part.columns};
  Weights down = triangle_weights(image.rows, rows, wanted_rows), across = triangle_weights(image.columns, columns, wanted_columns);
  const Lines read_rows = shortens ? down.cut() : wanted_rows, read_columns = narrows ? across.cut() : wanted_columns;
  Image result{image.channels, part.rows, part.columns, {}};
  result.pixels.resize(static_cast<size_t>(image.channels * part.rows * part.columns));
  // Columns are weighed as rows of the transposed picture, where neighbours lie side by side and share their weight.
  Plane whole(narrows ? read_rows.count : 0, read_columns.count), whole_turned(narrows ? read_columns.count : 0, read_rows.count);
  Plane narrow_turned(narrows ? part.columns : 0, read_rows.count), narrow(read_rows.count, part.columns);
  Plane small(shortens ? part.rows : 0, part.columns);
  for (int64_t c = 0; c < image.channels; ++c) {
    Plane& start = narrows ? whole : narrow;
    for (int64_t r = 0; r < read_rows.count; ++r)
      std::copy_n(image.pixels.data() + (c * image.rows + read_rows.first + r) * image.columns + read_columns.first, read_columns.count,
                  start.row(r));
    if (narrows) {
      transpose(whole, whole_turned);
      weigh_plane(whole_turned, across, narrow_turned);
      transpose(narrow_turned, narrow);
    }
    if (shortens) weigh_plane(narrow, down, small);
    const Plane& done = shortens ? small : narrow;
    for (int64_t r = 0; r < part.rows; ++r)
      std::copy_n(done.row(r), part.columns, result.pixels.data() + (c * part.rows + r) * part.columns);
  }
  return result;
}

namespace {

/** Rows and columns of a picture whose shorter side becomes `pixels`. */
std::pair<int64_t, int64_t> with_short_side(const Image& image, int64_t pixels) {
  require_size(pixels, 1);
  const int64_t shorter = std::min(image.rows, image.columns), longer = std::max(image.rows, image.columns);
  require(shorter >= 1, "a picture of {} x {} pixels cannot be resized", image.rows, image.columns);
  const int64_t other = pixels * longer / shorter;
  return image.rows <= image.columns ? std::pair{pixels, other} : std::pair{other, pixels};
}

}  // namespace

Image resize_short_side(const Image& image, int64_t pixels) {
  const auto [rows, columns] = with_short_side(image, pixels);
  return resize(image, rows, columns);
}

Image crop(const Image& image, const Window& w) {
  require_size(w.rows, w.columns);
  Image result{image.channels, w.rows, w.columns, {}};
  result.pixels.assign(static_cast<size_t>(image.channels * w.rows * w.columns), 0);
  const int64_t left = std::max<int64_t>(0, w.column), right = std::min(image.columns, w.column + w.columns);
  if (left >= right) return result;
  for (int64_t c = 0; c < image.channels; ++c)
    for (int64_t r = std::max<int64_t>(0, w.row); r < std::min(image.rows, w.row + w.rows); ++r)
      std::copy_n(image.pixels.data() + (c * image.rows + r) * image.columns + left, right - left,
                  result.pixels.data() + (c * w.rows + r - w.row) * w.columns + left - w.column);
  return result;
}

Window centre_window(int64_t has_rows, int64_t has_columns, int64_t rows, int64_t columns) {
  const auto begin = [](int64_t has, int64_t wanted) { return has >= wanted ? half_to_even(has - wanted) : -((wanted - has) / 2); };
  return {begin(has_rows, rows), begin(has_columns, columns), rows, columns};
}

Image centre_crop(const Image& image, int64_t rows, int64_t columns) {
  return crop(image, centre_window(image.rows, image.columns, rows, columns));
}

Window random_window(int64_t rows, int64_t columns, const RandomStream& random, uint64_t index, uint64_t part) {
  constexpr double kLeastArea = 0.08, kLeastRatio = 3.0 / 4, kMostRatio = 4.0 / 3;  // a ratio is columns / rows
  constexpr uint64_t kAttempts = 10;
  const double area = static_cast<double>(rows * columns);
  const auto somewhere = [](uint32_t word, int64_t places) { return static_cast<int64_t>(word * static_cast<uint64_t>(places) >> 32); };
  for (uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
    const RandomStream::Block words = random.block(index * kAttempts + attempt, part);
    const auto uniform = [&](uint64_t i) { return words[i] * 0x1p-32; };
    const double drawn = area * (kLeastArea + (1 - kLeastArea) * uniform(0));
    const double ratio = std::exp(std::log(kLeastRatio) + (std::log(kMostRatio) - std::log(kLeastRatio)) * uniform(1));
    const int64_t w = std::llrint(std::sqrt(drawn * ratio)), h = std::llrint(std::sqrt(drawn / ratio));
    if (w >= 1 && h >= 1 && w <= columns && h <= rows)
      return {somewhere(words[2], rows - h + 1), somewhere(words[3], columns - w + 1), h, w};
  }
  const double ratio = static_cast<double>(columns) / static_cast<double>(rows);
  int64_t h = rows, w = columns;
  if (ratio < kLeastRatio) h = std::llrint(static_cast<double>(columns) / kLeastRatio);
  if (ratio > kMostRatio) w = std::llrint(static_cast<double>(rows) * kMostRatio);
  return {(rows - h) / 2, (columns - w) / 2, h, w};
}

Image random_resized_crop(const Image& image, int64_t rows, int64_t columns, const RandomStream& random, uint64_t index, uint64_t part) {
  return resize(crop(image, random_window(image.rows, image.columns, random, index, part)), rows, columns);
}

Fit parse_fit(std::string_view text) {
  const std::vector<std::string> known{"squash", "crop"};
  if (text == known[0]) return Fit::squash;
  if (text == known[1]) return Fit::crop;
  fail("resize: no way '{}'{}", text, known_names(text, known));
}

int64_t short_side_of(int64_t size) { return (size * 256 + 112) / 224; }

Image fitted(Image image, int64_t rows, int64_t columns, Fit fit) {
  if (fit == Fit::squash) return image.rows == rows && image.columns == columns ? std::move(image) : resize(image, rows, columns);
  require(rows == columns, "resize=crop makes squares, {} x {} pixels (rows x columns) are wanted; resize=squash makes any size", rows,
          columns);
  const auto [all_rows, all_columns] = with_short_side(image, short_side_of(rows));
  return resize_part(image, all_rows, all_columns, centre_window(all_rows, all_columns, rows, columns));
}

}  // namespace convscope

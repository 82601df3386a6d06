#include "convscope/data/planes.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace convscope {

namespace {

/** Places for −reach … n−1+reach. */
std::vector<int64_t> places(int64_t n, int64_t reach, Border border) {
  std::vector<int64_t> all(static_cast<size_t>(n + 2 * reach));
  for (int64_t i = 0; i < std::ssize(all); ++i) all[static_cast<size_t>(i)] = inside(i - reach, n, border);
  return all;
}

/** Along the rows, or else along the columns. */
Planes convolved(const Planes& x, std::span<const double> weights, Border border, bool along_rows) {
  const int64_t reach = std::ssize(weights) / 2;
  const std::vector<int64_t> place = places(along_rows ? x.columns : x.rows, reach, border);
  Planes y(x.channels, x.rows, x.columns);
  for (int64_t c = 0; c < x.channels; ++c)
    for (int64_t i = 0; i < x.rows; ++i)
      for (size_t k = 0; k < weights.size(); ++k)
        for (int64_t j = 0; j < x.columns; ++j)
          y.at(c, i, j) +=
              weights[k] * (along_rows ? x.at(c, i, place[static_cast<size_t>(j) + k]) : x.at(c, place[static_cast<size_t>(i) + k], j));
  return y;
}

/** Along the rows; `to` columns. */
Planes box_resized_along_rows(const Planes& x, int64_t to) {
  const double scale = static_cast<double>(x.columns) / static_cast<double>(to), support = std::max(scale, 1.0) / 2;
  Planes y(x.channels, x.rows, to);
  for (int64_t j = 0; j < to; ++j) {
    const double centre = (static_cast<double>(j) + 0.5) * scale;
    const int64_t begin = std::max<int64_t>(0, static_cast<int64_t>(centre - support + 0.5));
    const int64_t end = std::min(x.columns, static_cast<int64_t>(centre + support + 0.5));
    for (int64_t c = 0; c < x.channels; ++c)
      for (int64_t i = 0; i < x.rows; ++i) {
        double sum = 0;
        for (int64_t k = begin; k < end; ++k) sum += std::nearbyint(x.at(c, i, k) * 255);
        y.at(c, i, j) = std::floor(sum / static_cast<double>(end - begin) + 0.5) / 255;
      }
  }
  return y;
}

Planes transposed(const Planes& x) {
  Planes y(x.channels, x.columns, x.rows);
  for (int64_t c = 0; c < x.channels; ++c)
    for (int64_t i = 0; i < x.rows; ++i)
      for (int64_t j = 0; j < x.columns; ++j) y.at(c, j, i) = x.at(c, i, j);
  return y;
}

Planes cropped(const Planes& x, int64_t top, int64_t left, int64_t rows, int64_t columns) {
  Planes y(x.channels, rows, columns);
  for (int64_t c = 0; c < x.channels; ++c)
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) y.at(c, i, j) = x.at(c, top + i, left + j);
  return y;
}

}  // namespace

int64_t inside(int64_t i, int64_t n, Border border) {
  if (border == Border::nearest || n == 1) return std::clamp<int64_t>(i, 0, n - 1);
  const int64_t period = border == Border::reflect ? 2 * n : 2 * n - 2;
  const int64_t turned = ((i % period) + period) % period;
  return turned < n ? turned : (border == Border::reflect ? period - 1 - turned : period - turned);
}

Planes filtered(const Planes& x, std::span<const Tap> taps, Border border) {
  int64_t reach = 0;
  for (const Tap& tap : taps) reach = std::max({reach, std::abs(tap.row), std::abs(tap.column)});
  const std::vector<int64_t> row = places(x.rows, reach, border), column = places(x.columns, reach, border);
  Planes y(x.channels, x.rows, x.columns);
  for (int64_t c = 0; c < x.channels; ++c)
    for (int64_t i = 0; i < x.rows; ++i)
      for (const Tap& tap : taps) {
        const int64_t from = row[static_cast<size_t>(i + reach + tap.row)];
        for (int64_t j = 0; j < x.columns; ++j)
          y.at(c, i, j) += tap.weight * x.at(c, from, column[static_cast<size_t>(j + reach + tap.column)]);
      }
  return y;
}

std::vector<double> gaussian_weights(double sigma, int64_t radius) {
  std::vector<double> weights;
  for (int64_t i = -radius; i <= radius; ++i) weights.push_back(i == 0 ? 1 : std::exp(-0.5 * static_cast<double>(i * i) / (sigma * sigma)));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& w : weights) w /= sum;
  return weights;
}

Planes gaussian_blurred(const Planes& x, double sigma, double truncate, Border border) {
  const int64_t radius = static_cast<int64_t>(truncate * sigma + 0.5);
  if (radius == 0) return x;
  const std::vector<double> weights = gaussian_weights(sigma, radius);
  return convolved(convolved(x, weights, border, false), weights, border, true);
}

Planes box_blurred(const Planes& x) {
  std::vector<Tap> taps;
  for (int64_t i = -1; i <= 1; ++i)
    for (int64_t j = -1; j <= 1; ++j) taps.push_back({i, j, 1});
  Planes y = filtered(x, taps, Border::reflect101);
  for (double& v : y.values) v *= 1.0 / 9;
  return y;
}

double sample(const Planes& x, int64_t channel, double row, double column, Border border) {
  const double top = std::floor(row), left = std::floor(column), down = row - top, right = column - left;
  const int64_t i = static_cast<int64_t>(top), j = static_cast<int64_t>(left);
  const int64_t i0 = inside(i, x.rows, border), i1 = inside(i + 1, x.rows, border);
  const int64_t j0 = inside(j, x.columns, border), j1 = inside(j + 1, x.columns, border);
  return (1 - down) * ((1 - right) * x.at(channel, i0, j0) + right * x.at(channel, i0, j1)) +
         down * ((1 - right) * x.at(channel, i1, j0) + right * x.at(channel, i1, j1));
}

Planes stretched(const Planes& x, int64_t rows, int64_t columns) {
  if (rows == x.rows && columns == x.columns) return x;
  const auto step = [](int64_t from, int64_t to) { return to > 1 ? static_cast<double>(from - 1) / static_cast<double>(to - 1) : 0.0; };
  const double down = step(x.rows, rows), right = step(x.columns, columns);
  Planes y(x.channels, rows, columns);
  for (int64_t c = 0; c < x.channels; ++c)
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j)
        y.at(c, i, j) = sample(x, c, static_cast<double>(i) * down, static_cast<double>(j) * right, Border::nearest);
  return y;
}

Planes zoomed(const Planes& x, double zoom) {
  const auto cut = [&](int64_t n) { return static_cast<int64_t>(std::ceil(static_cast<double>(n) / zoom)); };
  const auto grown = [&](int64_t n) { return static_cast<int64_t>(std::nearbyint(static_cast<double>(n) * zoom)); };
  const int64_t rows = cut(x.rows), columns = cut(x.columns);
  const Planes middle = cropped(x, (x.rows - rows) / 2, (x.columns - columns) / 2, rows, columns);
  const Planes large = stretched(middle, std::max(x.rows, grown(rows)), std::max(x.columns, grown(columns)));
  return cropped(large, (large.rows - x.rows) / 2, (large.columns - x.columns) / 2, x.rows, x.columns);
}

Planes box_resized(const Planes& x, int64_t rows, int64_t columns) {
  return transposed(box_resized_along_rows(transposed(box_resized_along_rows(x, columns)), rows));
}

Planes motion_blurred(const Planes& x, double radius, double sigma, double angle) {
  const int64_t width = 2 * static_cast<int64_t>(std::ceil(radius)) + 1;
  const double down = std::sin(angle * std::numbers::pi / 180), right = std::cos(angle * std::numbers::pi / 180);
  std::vector<Tap> taps;
  double sum = 0;
  for (int64_t i = 0; i < width; ++i) {
    const double far = static_cast<double>(i), weight = std::exp(-far * far / (2 * sigma * sigma));
    const auto whole = [](double place) { return static_cast<int64_t>(std::ceil(place - 0.5)); };
    taps.push_back({whole(far * down), whole(far * right), weight});
    sum += weight;
  }
  for (Tap& tap : taps) tap.weight /= sum;
  Planes y = filtered(x, taps, Border::nearest);
  for (double& v : y.values) v = rounded_level(v);
  return y;
}

void rgb_to_hsv(Planes& x) {
  const auto red = x.plane(0), green = x.plane(1), blue = x.plane(2);
  for (size_t i = 0; i < red.size(); ++i) {
    const double r = red[i], g = green[i], b = blue[i], value = std::max({r, g, b}), spread = value - std::min({r, g, b});
    double hue = 0;
    if (spread > 0) {
      if (b == value)
        hue = 4 + (r - g) / spread;
      else if (g == value)
        hue = 2 + (b - r) / spread;
      else
        hue = (g - b) / spread;
      hue /= 6;
      hue -= std::floor(hue);
    }
    red[i] = hue;
    green[i] = spread > 0 ? spread / value : 0;
    blue[i] = value;
  }
}

void hsv_to_rgb(Planes& x) {
  const auto first = x.plane(0), second = x.plane(1), third = x.plane(2);
  for (size_t i = 0; i < first.size(); ++i) {
    const double hue = first[i] * 6, s = second[i], v = third[i], sector = std::floor(hue), f = hue - sector;
    const double p = v * (1 - s), q = v * (1 - f * s), t = v * (1 - (1 - f) * s);
    const double rgb[6][3] = {{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}};
    const double* found = rgb[static_cast<size_t>(sector) % 6];
    first[i] = found[0];
    second[i] = found[1];
    third[i] = found[2];
  }
}

double luma(double red, double green, double blue) { return 0.299 * red + 0.587 * green + 0.114 * blue; }

double rounded_level(double x) { return std::floor(std::clamp(x, 0.0, 1.0) * 255 + 0.5) / 255; }

double cut_level(double x) { return std::floor(std::clamp(x, 0.0, 1.0) * 255) / 255; }

}  // namespace convscope

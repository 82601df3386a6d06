#include "convscope/data/corruptions/digital.h"

#include <algorithm>
#include <cmath>

#include "convscope/tensor/jpeg_out.h"

namespace convscope {

namespace {

/** Where a point of the changed picture comes from. */
struct Affine {
  double xx, xy, x0, yx, yy, y0;
};

struct Point {
  double x, y;
};

/** The affine map that takes each `from` to its `to`. */
Affine affine_of(const std::array<Point, 3>& from, const std::array<Point, 3>& to) {
  const double ax = from[1].x - from[0].x, ay = from[1].y - from[0].y, bx = from[2].x - from[0].x, by = from[2].y - from[0].y;
  const double area = ax * by - bx * ay;
  const auto solved = [&](double f0, double f1, double f2) {
    const double a = f1 - f0, b = f2 - f0, x = (a * by - b * ay) / area, y = (ax * b - bx * a) / area;
    return std::array<double, 3>{x, y, f0 - x * from[0].x - y * from[0].y};
  };
  const auto x = solved(to[0].x, to[1].x, to[2].x), y = solved(to[0].y, to[1].y, to[2].y);
  return {x[0], x[1], x[2], y[0], y[1], y[2]};
}

Planes moved(const Planes& x, double most, Chance& chance) {
  const double across = static_cast<double>(x.columns / 2), down = static_cast<double>(x.rows / 2);
  const double off = static_cast<double>(std::min(x.rows, x.columns) / 3);
  const std::array<Point, 3> before = {{{across + off, down + off}, {across + off, down - off}, {across - off, down - off}}};
  std::array<Point, 3> after = before;
  for (Point& p : after) {
    p.x += chance.uniform(-most, most);
    p.y += chance.uniform(-most, most);
  }
  const Affine back = affine_of(after, before);
  Planes y(x.channels, x.rows, x.columns);
  for (int64_t i = 0; i < x.rows; ++i)
    for (int64_t j = 0; j < x.columns; ++j) {
      const double px = static_cast<double>(j), py = static_cast<double>(i);
      for (int64_t c = 0; c < x.channels; ++c)
        y.at(c, i, j) = sample(x, c, back.yx * px + back.yy * py + back.y0, back.xx * px + back.xy * py + back.x0, Border::reflect101);
    }
  return y;
}

/** α · smoothed numbers in [−1, 1), drawn on a grid of about 32 points a side. */
Planes waves(const Planes& x, double alpha, double sigma, Chance& chance) {
  const double scale = scale_of(x);
  const auto points = [&](int64_t n) { return std::llround(static_cast<double>(n) / scale); };
  Planes field(1, points(x.rows), points(x.columns));
  for (double& v : field.values) v = chance.uniform(-1, 1);
  field = stretched(gaussian_blurred(field, sigma, 3, Border::reflect), x.rows, x.columns);
  for (double& v : field.values) v *= alpha * scale;
  return field;
}

}  // namespace

void ElasticTransform::apply(int64_t severity, Chance& chance, Planes& x) const {
  struct Elastic {
    double alpha, sigma, affine;  // of the side
  };
  constexpr std::array<Elastic, kSeverities> kElastics = {
      {{0, 0, 0.08}, {0.05, 0.2, 0.07}, {0.08, 0.06, 0.06}, {0.1, 0.04, 0.05}, {0.1, 0.03, 0.03}}};
  constexpr double kSide = 32;
  const Elastic& e = at_severity(kElastics, severity);
  const Planes turned = moved(x, e.affine * kSide * scale_of(x), chance);
  const Planes right = waves(x, e.alpha * kSide, e.sigma * kSide, chance), down = waves(x, e.alpha * kSide, e.sigma * kSide, chance);
  for (int64_t c = 0; c < x.channels; ++c)
    for (int64_t i = 0; i < x.rows; ++i)
      for (int64_t j = 0; j < x.columns; ++j)
        x.at(c, i, j) =
            sample(turned, c, static_cast<double>(i) + down.at(0, i, j), static_cast<double>(j) + right.at(0, i, j), Border::reflect);
}

void Pixelate::apply(int64_t severity, Chance&, Planes& x) const {
  constexpr std::array<double, kSeverities> kCells = {0.95, 0.9, 0.85, 0.75, 0.65};
  const auto cells = [&](int64_t n) {
    return std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(n) * at_severity(kCells, severity)));
  };
  x = box_resized(box_resized(x, cells(x.rows), cells(x.columns)), x.rows, x.columns);
}

void JpegCompression::apply(int64_t severity, Chance&, Planes& x) const {
  constexpr std::array<int, kSeverities> kQuality = {80, 65, 58, 50, 40};
  Image image{x.channels, x.rows, x.columns, {}};
  for (const double v : x.values) image.pixels.push_back(static_cast<uint8_t>(rounded_level(v) * 255 + 0.5));
  image = parse_image(encode_jpeg(image, at_severity(kQuality, severity)), "jpeg_compression");
  for (size_t i = 0; i < x.values.size(); ++i) x.values[i] = image.pixels[i] / 255.0;
}

}  // namespace convscope

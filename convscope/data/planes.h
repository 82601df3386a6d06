#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace convscope {

/** A picture that is being worked on: planes [C, H, W] of double numbers, row-major. */
struct Planes {
  int64_t channels = 0, rows = 0, columns = 0;
  std::vector<double> values;

  Planes() = default;
  Planes(int64_t c, int64_t h, int64_t w) : channels(c), rows(h), columns(w), values(static_cast<size_t>(c * h * w)) {}

  int64_t plane_size() const { return rows * columns; }
  std::span<double> plane(int64_t c) { return {values.data() + c * plane_size(), static_cast<size_t>(plane_size())}; }
  std::span<const double> plane(int64_t c) const { return {values.data() + c * plane_size(), static_cast<size_t>(plane_size())}; }
  double& at(int64_t c, int64_t i, int64_t j) { return values[static_cast<size_t>((c * rows + i) * columns + j)]; }
  double at(int64_t c, int64_t i, int64_t j) const { return values[static_cast<size_t>((c * rows + i) * columns + j)]; }
};

/**
 * What lies beyond the border of abcd:
 *
 *   nearest     aaa|abcd|ddd
 *   reflect     cba|abcd|dcb
 *   reflect101  dcb|abcd|cba
 */
enum class Border { nearest, reflect, reflect101 };
/** The place in 0 … n−1 that stands for `i`. */
int64_t inside(int64_t i, int64_t n, Border border);

/** A weight of a window, and how far from its middle it lies. */
struct Tap {
  int64_t row, column;
  double weight;
};

/** Σ weight · x at the taps' places. */
Planes filtered(const Planes& x, std::span<const Tap> taps, Border border);

/** exp(−i² / 2σ²), i = −radius … radius, summing to 1. */
std::vector<double> gaussian_weights(double sigma, int64_t radius);
/** Gaussian, cut `truncate` deviations from its middle; σ = 0 changes nothing. As scikit-image has it. */
Planes gaussian_blurred(const Planes& x, double sigma, double truncate = 4, Border border = Border::nearest);
/** Mean of 3 × 3, border reflect101. */
Planes box_blurred(const Planes& x);

/** Bilinear between pixels; what lies beyond is reflected about the border's pixels' outer edge (`reflect`) or about them (`reflect101`).
 */
double sample(const Planes& x, int64_t channel, double row, double column, Border border);

/** Bilinear to another size, corners on corners: scipy's zoom of order 1. */
Planes stretched(const Planes& x, int64_t rows, int64_t columns);
/** The middle of it, `zoom` ≥ 1 times as large, [C, rows, columns] again. */
Planes zoomed(const Planes& x, double zoom);
/** Each cell the mean of the pixels whose middles it holds, rounded to 255ths along the rows and again along the columns: Pillow's BOX. */
Planes box_resized(const Planes& x, int64_t rows, int64_t columns);

/** What ImageMagick's motion blur does: a one-sided Gaussian of ⌈radius⌉·2 + 1 steps along a line, rounded to 255ths; the angle in degrees.
 */
Planes motion_blurred(const Planes& x, double radius, double sigma, double angle);

/** Colour [3, H, W] to hue, saturation and value, each in [0, 1], and back. */
void rgb_to_hsv(Planes& x);
void hsv_to_rgb(Planes& x);
/** ITU-R 601. */
double luma(double red, double green, double blue);

/** The shorter side by that of CIFAR-10's pictures, for which lengths in pixels are published. */
inline double scale_of(const Planes& x) { return static_cast<double>(x.rows < x.columns ? x.rows : x.columns) / 32; }

/** To whole 255ths: rounded; cut. */
double rounded_level(double x);
double cut_level(double x);

}  // namespace convscope

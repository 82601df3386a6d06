#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace convscope {

/**
 * The inverse Fourier transform of real planes by sums, and what a slope for the plane is for the spectrum. A spectrum are H × (W / 2 + 1)
 * real parts and behind them as many imaginary ones; the other half of the frequencies is told by them.
 *
 *   plane[i, j] = 1 / (H W) Σ_u Σ_v count(v) Re S[u, v] e^(2πi (u i / H + v j / W))     count 1 for v = 0 and W / 2, else 2
 */
class HalfSpectrum {
 public:
  HalfSpectrum(int64_t rows, int64_t columns);

  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }
  /** W / 2 + 1. */
  int64_t half() const { return half_; }
  /** For how many frequencies those of column v stand. */
  int64_t count(int64_t v) const { return v == 0 || 2 * v == columns_ ? 1 : 2; }

  /** Spectrum [2, H, half] → plane [H, W], times `factor`. */
  void inverse(std::span<const float> spectrum, std::span<float> plane, double factor = 1) const;
  /** Slope for the plane → slope for the spectrum, of the same map. */
  void adjoint(std::span<const float> plane, std::span<float> spectrum, double factor = 1) const;
  /** Plane → spectrum, Σ plane[i, j] e^(−2πi (u i / H + v j / W)). */
  void forward(std::span<const float> plane, std::span<float> spectrum) const;

 private:
  int64_t rows_, columns_, half_;
  std::vector<double> row_cos_, row_sin_, column_cos_, column_sin_;  // [H, H], [half, W] with what each frequency counts
};

/** Frequency k of `extent` in cycles a pixel, −½ to ½. */
double cycles_a_pixel(int64_t k, int64_t extent);

}  // namespace convscope

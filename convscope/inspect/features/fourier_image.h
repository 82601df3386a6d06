#pragma once

#include <vector>

#include "convscope/inspect/features/half_spectrum.h"
#include "convscope/inspect/features/parametrisation.h"
#include "convscope/tensor/shape.h"

namespace convscope {

/**
 * How an optimised picture hangs on free numbers. Olah et al. 2017, as Lucid does it:
 *
 *   Fourier   a spectrum S of each channel, H × (W / 2 + 1) complex numbers; t = irfft2(S √(H W) / max(f, 1 / max(H, W))^decay) / 4, f in
 *             cycles a pixel, so that a step changes all frequencies alike and not the highest most
 *   pixels    t itself
 *   colours   of three channels, t ← t M at each pixel, M = C / (longest column of C), C the square root of the covariance of ImageNet's
 *             colours: channels that photographs have together change together
 *   picture   1 / (1 + e⁻ᵗ), in (0, 1)
 */
class PictureParameters : public Parametrisation {
 public:
  struct Options {
    bool fourier = true;
    bool decorrelate = true;  // has a meaning for three channels
    double decay = 1;
  };
  PictureParameters(const Shape& image, Options options);

  int64_t size() const override { return size_; }
  float spread() const override { return 0.01f; }
  void picture(std::span<const float> numbers, std::span<float> picture) const override;
  void slope(std::span<const float> numbers, std::span<const float> picture, std::span<const float> picture_slope,
             std::span<float> numbers_slope) const override;

 private:
  int64_t channels_;
  HalfSpectrum transform_;
  Options options_;
  int64_t size_;
  std::vector<float> scale_;  // [H, W / 2 + 1]
};

/** Share of the energy of a picture [C, H, W] without its mean at frequencies above a quarter cycle a pixel. */
double high_frequency_share(std::span<const float> picture, const Shape& image);

}  // namespace convscope

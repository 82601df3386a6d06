#pragma once

#include <functional>
#include <memory>

#include "convscope/inspect/features/half_spectrum.h"
#include "convscope/inspect/features/parametrisation.h"
#include "convscope/tensor/shape.h"

namespace convscope {

/**
 * What pictures of a data set have in common but for their phases. Colours p [C] of a pixel are seen on their principal axes,
 * z = Λ^(−½) Vᵀ (p − mean), so that the planes of z are uncorrelated; axes along which the data do not vary are left out.
 *
 *   magnitude   [C, H, W / 2 + 1] mean over the pictures of |rfft2 z|, without its constant, scaled so that planes of these magnitudes have
 *               variance 1 over all channels
 *   colours     [C, C], middle [C]: t = middle + colours z is laid into the sigmoid so that 1 / (1 + e⁻ᵗ) has the data's mean at z = 0 and
 *               their slope there
 */
struct SpectrumTemplate {
  std::vector<float> magnitude;
  std::vector<double> colours, middle;
  int64_t pictures = 0;
};

/** Writes pictures `first` … [C, H, W] into x, as many as fit. */
using FillPictures = std::function<void(int64_t first, std::span<float> x)>;

/** Of `count` pictures; an error where they are all one colour. */
SpectrumTemplate spectrum_template(const Shape& image, int64_t count, const FillPictures& fill);

/**
 * MACO, Fel et al. 2023 (2306.06805): the magnitudes of a picture's spectrum are those of a template, and its phases φ are climbed alone.
 *
 *   φ̂ = (φ − mean φ) / (deviation of φ + 1e-4)      over all free phases of the picture
 *   z = irfft2(magnitude · e^(i φ̂)),  picture = 1 / (1 + e^−(middle + colours z))
 *
 * Free are the phases of frequencies that stand for two; those that are their own mirror image are kept at 0, so that z has the template's
 * magnitudes exactly.
 */
class PhaseParameters : public Parametrisation {
 public:
  PhaseParameters(const Shape& image, std::shared_ptr<const SpectrumTemplate> spectrum);

  int64_t size() const override { return channels_ * free_; }
  float spread() const override { return 1; }
  void picture(std::span<const float> numbers, std::span<float> picture) const override;
  void slope(std::span<const float> numbers, std::span<const float> picture, std::span<const float> picture_slope,
             std::span<float> numbers_slope) const override;
  /** z [C, H, W] of some phases. */
  void planes(std::span<const float> numbers, std::span<float> z) const;

 private:
  struct Standing {
    double mean = 0, deviation = 0;
  };
  static Standing standing(std::span<const float> numbers);

  /** A free phase's place in the spectrum, and its mirror's in columns that stand for themselves; −1: it has none there. */
  struct Place {
    int64_t at = 0, mirror = -1;
  };
  int64_t channels_;
  HalfSpectrum transform_;
  std::shared_ptr<const SpectrumTemplate> spectrum_;
  std::vector<Place> places_;
  int64_t free_ = 0;
};

}  // namespace convscope

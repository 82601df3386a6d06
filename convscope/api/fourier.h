#pragma once

#include "convscope/api/pictures.h"
#include "convscope/results/fourier_record.h"

namespace convscope {

struct FourierOptions {
  bool fourier = false;
  double fourier_norm = 0;
  int64_t fourier_grid = 31;
  int64_t fourier_images = 1000;

  void fields(auto&& field) {
    field("fourier", fourier,
          "errors under noise of each frequency, and the energy of the gradient there; with `out` it goes on where it was stopped");
    field("fourier_norm", fourier_norm,
          "of `fourier`: L2 norm of the noise in each channel; 0: 4 for 32×32 and in proportion up to 64×64, 15.7 for 224×224 and in "
          "proportion");
    field("fourier_grid", fourier_grid,
          "of `fourier`: frequencies down and across, an odd number; as many as the picture has where that is fewer");
    field("fourier_images", fourier_images, "of `fourier`: only so many of the images, the first ones; 0: all");
  }
};

/** An error where the options make no sense; said before anything is read. */
void check_fourier(const FourierOptions& options);

/**
 * Yin et al. 2019, figure 1: to each picture ± norm · U is added, channel by channel with signs of their own, U the cosine of one frequency
 * with ‖U‖₂ = 1; what leaves [0, 1] is clipped. Half of the frequencies are asked for; the others are their mirror images. A folder gets
 * fourier.json, which is kept while it runs and taken up again, fourier.npy, fourier-gradient.npy and figures/fourier.
 */
FourierRecord measure_fourier(const Network& network, const Pictures& pictures, const FourierOptions& options, const Path& folder = {},
                              const Setting& setting = {});

}  // namespace convscope

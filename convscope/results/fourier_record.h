#pragma once

#include <array>
#include <optional>

#include "convscope/results/provenance.h"

namespace convscope {

/**
 * How often a network is wrong where noise of one frequency lies on the pictures, Yin et al. 2019, and where the energy of its gradient is.
 * Maps are [rows, columns], zero frequency in the middle: row i is i − (rows − 1) / 2 waves down the picture, columns alike across.
 */
struct FourierErrors {
  struct Ring {
    int64_t radius = 0;
    double error = kUnknown, gradient_energy = kUnknown;

    void fields(auto&& field) {
      field("radius", radius, "waves across the picture, rounded: √(row² + column²)");
      field("error", error, "mean of `errors` there");
      field("gradient_energy", gradient_energy, "sum of `gradient_energy` there");
    }
  };
  int64_t images = 0, done = 0, total = 0;
  double norm = 0, clean_error = kUnknown, mean_error = kUnknown, widest_interval_95 = kUnknown;
  std::vector<std::vector<double>> errors, gradient_energy;
  std::vector<Ring> rings;

  void fields(auto&& field) {
    field("images", images, "pictures that each frequency was laid on");
    field("done", done, "frequencies that are known; a frequency and its mirror image count once");
    field("total", total, "frequencies that were asked for");
    field("norm", norm, "L2 norm of the noise in each channel, pixels in [0, 1]; what leaves [0, 1] is clipped");
    field("clean_error", clean_error, "share of wrong answers without noise");
    field("mean_error", mean_error, "mean of `errors`");
    field("widest_interval_95", widest_interval_95, "half of the widest of Wilson's intervals of an entry");
    field("errors", errors,
          "share of wrong answers with noise of each frequency, signs drawn for each picture and channel; null: not done yet");
    field("gradient_energy", gradient_energy,
          "share of the energy of the loss's slope for the pixels that each frequency has, mean over pictures; the rest lies outside of "
          "the map");
    field("rings", rings, "the same by distance from zero frequency, of whole rings");
  }
};

/** What `eval --fourier` leaves. */
struct FourierRecord : Provenance {
  FourierErrors fourier;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("fourier", fourier, "errors by the frequency of noise");
  }
};

/**
 * Mean of `errors` over the outer three quarters of the map: frequencies that are farther down or across than half of what it reaches. Of a
 * whole map these are the ones that dropping every second sample folds. Unknown where one of them is not done.
 */
double high_frequency_error(const FourierErrors& errors);

/** `mean_error`, `widest_interval_95`, `done` and `rings` from the maps. */
void sum_up(FourierErrors& errors);

}  // namespace convscope

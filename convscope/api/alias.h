#pragma once

#include "convscope/api/pictures.h"
#include "convscope/results/aliasing_record.h"
#include "convscope/spectral/aliasing.h"

namespace convscope {

/** How frequencies are told apart, and what is kept of them. */
struct AliasOptions {
  std::string threshold = "max";
  double passing_db = 20;
  std::string accounting = "exclusive";
  std::string save = {};
  bool save_signals = false;
  bool save_features = false;
  int64_t maps = 1;
  std::string map_channels = "0";
  int64_t batch = 0;

  void fields(auto&& field) {
    field("threshold", threshold, "what a fold must come near to pass: max or mean of |Y|² after samples were dropped, in each channel");
    field("passing_db", passing_db, "decibels below the threshold at which a fold still passes");
    field(
        "accounting", accounting,
        "exclusive: the four shares add up to all frequencies; legacy: no pass counts what is aliased once more, as published figures do");
    field("save", save, "also keep folds (complex spectra), pixelwise (maps), channelwise or layerwise (counts)");
    field("save_signals", save_signals, "also keep the signals before samples are dropped");
    field("save_features", save_features, "also keep what goes into the last linear layer, or the last convolution where there is none");
    field("maps", maps, "keep frequency maps of the first so many images");
    field("map_channels", map_channels, "of these channels: 0 or 0,4-7");
    field("batch", batch, "images that go through the network at once; 0: as suits");
  }
};

/** The record, and what it took. */
struct Aliased {
  AliasingRecord record;
  Path folder = {};  // of record and arrays; nowhere where no folder was given
  double network_seconds = 0, spectra_seconds = 0;
  int64_t looked_at = 0;  // images by this rank, which took it so long
};

/**
 * Counts, for every image and every node that drops samples, what happens to each frequency. A folder gets in aliasing/, or
 * aliasing-QUESTION/ where that is not the usual one, a record, each image's shares, maps of some channels and what else was asked for, and
 * in figures/ what can be drawn of it:
 *
 *   aliasing.json      shares of each signal, mean over images; `mean`: of those, each signal weighing the same
 *   per-image.npy      [images, signals, 4, 2] shares
 *   folded-energy.npy  [images, signals] energy that folds
 *   images.npy         [images, 4] whole numbers: number, class, predicted class, agreement
 *   map-SS-NNNNN-CCC.npy  [2, n, m] of signal SS, image NNNNN, channel CCC
 *   layerwise.npy      [images, signals, 4, 2] counts
 *   channelwise-SS.npy [images, channels, 4, 2] counts, and channel-shares-SS.npy [channels, 4, 2], mean over images
 *   pixelwise/SS-NNNNN.npy  [2, channels, n, m], zero frequency in the middle
 *   folds/SS-NNNNN.npy      [channels, r n, s m, 2], zero frequency first
 *   signals/SS-NNNNN.npy    [channels, n, m]
 *   features.npy            [images, …] that go into the last linear layer
 *
 * Memory does not grow with the count of images but for 9 numbers of each signal. Several ranks share out the batches; the root writes, and
 * all get its record.
 */
Aliased alias(const Network& network, const Pictures& pictures, const AliasOptions& options = {}, const Path& folder = {},
              const Setting& setting = {});

/**
 * The same for any array [C, n, m] of which rows and columns are dropped, which errors call by its name; what `save` names comes to
 * `folder`/aliasing/.
 */
std::vector<ChannelAliasing> alias_signal(const Tensor& x, const std::string& name, Rate rate, const AliasOptions& options = {},
                                          const Path& folder = {});

/** What share of each channel's energy folds, [C] (spectral/folded_energy.h). */
std::vector<double> folded_energies(const Tensor& x, Rate rate);

/** An error where the options make no sense; said before anything is read. */
void check_aliasing(const AliasOptions& options);

}  // namespace convscope

#pragma once

#include <functional>
#include <optional>

#include "convscope/base/file.h"
#include "convscope/results/aliasing_record.h"
#include "convscope/spectral/aliasing.h"
#include "convscope/study/pictures.h"
#include "convscope/subject/subject.h"

namespace convscope {

/** Any count of images, read when they are wanted. */
struct AliasingImages {
  std::vector<int64_t> numbers;  // [N] in the data set, or among the files
  std::vector<int64_t> labels;   // [N], or empty where nobody knows
  Subject::Fill fill;
  std::string data;  // what people call where they are from: "cifar10, test"
};
AliasingImages aliasing_images(std::shared_ptr<const Dataset> data, std::vector<int64_t> indices, std::string name);
AliasingImages aliasing_images(const Pictures& pictures);

struct AliasingOptions {
  std::string network = {};  // what people call it
  AliasingRule rule = {};
  Accounting accounting = Accounting::exclusive;
  std::string save = {};      // folds, pixelwise, channelwise or layerwise; empty: nothing more
  bool save_signals = false;  // the signals themselves
  int64_t map_images = 1;     // of the first so many images maps are kept
  std::vector<int64_t> map_channels = {0};
};

/** The record, and what it took. */
struct Aliased {
  AliasingRecord record;
  double network_seconds = 0, spectra_seconds = 0;
};

/**
 * Counts, for every image and every node that drops samples, what happens to each frequency, and leaves in `folder`/aliasing/ a record,
 * each image's shares, maps of some channels and what else was asked for:
 *
 *   aliasing.json      shares of each signal, mean over images; `mean`: of those, each signal weighing the same
 *   per-image.npy      [images, signals, 4, 2] shares
 *   images.npy         [images, 4]: number, class, predicted class, agreement
 *   map-SS-NNNNN-CCC.npy  [2, n, m] of signal SS, image NNNNN, channel CCC
 *   layerwise.npy      [images, signals, 4, 2] counts
 *   channelwise-SS.npy [images, channels, 4, 2] counts, and channel-shares-SS.npy [channels, 4, 2], mean over images
 *   pixelwise/SS-NNNNN.npy  [2, channels, n, m], zero frequency in the middle
 *   folds/SS-NNNNN.npy      [channels, r n, s m, 2], zero frequency first
 *   signals/SS-NNNNN.npy    [channels, n, m]
 *
 * Memory does not grow with the count of images but for 8 numbers of each signal.
 */
Aliased alias_into(const Path& folder, Subject& subject, const AliasingImages& images, const AliasingOptions& options,
                   const std::function<void(int64_t done, int64_t total)>& progress = {});

/** Checks `--save`. */
void require_granularity(const std::string& save);

/** [2, C, n, m]: maps in both scalings. */
Tensor both(const FrequencyMaps& maps);
/** [C, 4, 2] of counts. */
Tensor table_of(std::span<const ChannelAliasing> channels, Accounting accounting);

}  // namespace convscope

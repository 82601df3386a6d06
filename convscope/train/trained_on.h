#pragma once

#include <optional>
#include <set>

#include "convscope/base/file.h"
#include "convscope/data/dataset.h"
#include "convscope/train/options.h"

namespace convscope {

/**
 * What a network learnt from, as its checkpoint tells it: enough to list the same samples again, and a sum that says whether they are the
 * same. A judge wants to know which of its pictures the network has seen.
 */
struct TrainedOn {
  std::string data;
  std::string folder;
  int64_t limit = 0;
  double validation = 0;
  int64_t seed = 1;
  int64_t samples = 0;
  std::string digest;

  void fields(auto&& field) {
    field("data", data, "the data with all options that chose samples; of a folder of pictures without its path");
    field("folder", folder, "of pictures: its path, absolute and without links; empty for other data");
    field("limit", limit, "first samples of the training split that were taken; 0: all");
    field("validation", validation, "held out of them");
    field("seed", seed, "of what was held out of them");
    field("samples", samples, "count of the samples that were learnt from");
    field("digest", digest, "MD5 of their names, class/file or their number in the published split, a line each, sorted");
  }
};

/** The data as somebody would say them to get the same samples whatever the seed: with the seed that the training drew a sample by. */
std::string data_with_seed(const TrainOptions& options, std::span<const Path> roots);

/** The samples of the training split that are learnt from, and those that are held out of it; nothing is held out with 0. */
struct TrainingPart {
  std::shared_ptr<const Dataset> training, validation;  // validation: null where none is held out
};
TrainingPart training_part(std::shared_ptr<const Dataset> published, int64_t limit, double validation, int64_t seed);

/** Of a training whose published training split is `published`. */
TrainedOn trained_on(const TrainOptions& options, const Dataset& training, std::span<const Path> roots);

/**
 * The pictures that a network learnt from, as the system knows them. A folder that was moved is found again in `likely`, where that has the
 * same pictures. Nothing where the data were no folder, or the folder is gone.
 */
std::set<Path> training_files(const TrainedOn& trained_on, const Path& likely);

}  // namespace convscope

#pragma once

#include "convscope/api/pictures.h"
#include "convscope/results/corruptions_record.h"

namespace convscope {

struct CorruptionOptions {
  std::string corruptions = {};
  std::string severities = "1-5";
  std::string cifar_c = {};

  void fields(auto&& field) {
    field("corruptions", corruptions,
          "accuracy on corrupted pictures beside the clean ones: all, or names with + between them, fog+jpeg_compression (`convscope list "
          "corruptions`)");
    field("severities", severities, "of the corruptions: 1-5, or some of them, 1,3,5");
    field(
        "cifar_c", cifar_c,
        "folder of published arrays (CIFAR-10-C: labels.npy and NAME.npy) that are read instead of corrupting the pictures here; all that "
        "lie there without `corruptions`");
  }
  /** Whether corruptions are asked for. */
  bool asked() const { return !corruptions.empty() || !cifar_c.empty(); }
  /** An error where there is no such corruption or severity. */
  void check() const;
  std::vector<int64_t> chosen_severities() const;
};

/** The record, and what it does not keep. */
struct CorruptedPictures : CorruptionsRecord {
  std::vector<double> right_by_image;  // [N] share of the corruptions and severities at which the image is right; the root's alone
  std::vector<std::vector<double>> right_by_corruption;  // [means][N] of each corruption, in the order of `means`, share of its severities
};

/**
 * Accuracy of a network on pictures corrupted in each way at each severity (data/corruption.h), every one counted once, beside the accuracy
 * on the pictures as they are. Chance is drawn by the setting's seed and the pictures' numbers: not the draws of the published arrays,
 * which `cifar_c` reads.
 *
 *   mean_accuracy  mean over corruptions and severities: of the 15 that benchmarks count, where any of them are asked for
 *
 * A folder gets corruptions.json and figures/corruptions, with its numbers as CSV. Progress is told in pictures of all corruptions.
 */
CorruptedPictures evaluate_corrupted(const Network& network, const Pictures& pictures, const CorruptionOptions& options,
                                     const Path& folder = {}, const Setting& setting = {}, int64_t batch = 256);

}  // namespace convscope

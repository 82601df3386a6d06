#pragma once

#include "convscope/api/pictures.h"
#include "convscope/results/evaluation.h"

namespace convscope {

struct EvaluateOptions {
  int64_t batch = 256;
  std::string views = "one";
  bool save_logits = false;
  std::string save_features = {};

  void fields(auto&& field) {
    field("batch", batch, "images at once; changes speed and memory, not the counts");
    field(
        "views", views,
        "what the logits of an image are the mean of: one (it as it is), mirror (and its mirror image), or mirror-shift (and both moved by "
        "one pixel)");
    field("save_logits", save_logits, "keep the logits of every image: predictions/logits.npy [N, Y], with labels.npy and indices.npy [N]");
    field(
        "save_features", save_features,
        "keep what this node gives for every image: predictions/features.npy [N, C, H, W] or [N, F], with labels.npy and indices.npy [N]");
  }
};

/**
 * Accuracy, loss and confusions of a network on pictures, every one counted once; `batch` at once changes speed and memory, not the counts.
 * A folder gets what a report page shows of it: evaluation.json, predictions/ (the first images and the most confident mistakes, with their
 * pictures, a table of all answers, and as arrays in its order what was asked for) and figures/confusion-matrix. An evaluation of more
 * images, of another network or of other data that lies there is an error. Several ranks share out the batches; all get the root's record.
 */
Evaluation evaluate(const Network& network, const Pictures& pictures, const Path& folder = {}, const Setting& setting = {},
                    const EvaluateOptions& options = {});

/** An error where the options make no sense; said before anything is read. */
void check_evaluation(const EvaluateOptions& options, const Path& folder);

}  // namespace convscope

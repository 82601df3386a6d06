#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "convscope/data/views.h"
#include "convscope/engine/program.h"
#include "convscope/ranks/ranks.h"
#include "convscope/results/evaluation.h"
#include "convscope/train/loss.h"

namespace convscope {

/** An error that says what came and what was wanted where pictures or classes of the data are not the network's. */
void check_fits(const Graph& network, const Dataset& data);

/** The same where both know their classes by name and the names are not the same ones: counts alone would give accuracies of nothing. */
void check_classes(std::span<const std::string> network, std::span<const std::string> data);

/** Whether these are 0, 1, 2, …: classes known by number alone. */
bool only_numbered(std::span<const std::string> classes);

/**
 * Accuracy and loss of a network on a data set, every sample counted once, the last partial batch included; compiled once, run after each
 * epoch. Where several views of a picture are looked at, its logits are their mean. The loss is computed by the op that a training lowers,
 * its mean over the images; where that couples images, over full batches.
 */
class Evaluator {
 public:
  Evaluator(const Graph& network, std::shared_ptr<Weights> weights, std::shared_ptr<const Dataset> data, const Execution& execution = {},
            int64_t batch = 256, const std::string& loss = "cross-entropy", std::string_view views = "one");
  /** `seen` is told each sample's logits, in the order of the data set. */
  Evaluation run(const std::function<void(int64_t done, int64_t total)>& progress = {},
                 const std::function<void(int64_t index, std::span<const float> logits)>& seen = {});

  /** Of the last run: 1 for each sample that was right, in the data set's order. */
  std::span<const uint8_t> right() const { return right_; }
  /** Several ranks share out the batches; each has network and data, and all run it. The root has what one alone would find, the others
   * nothing of it. */
  void share_out(std::shared_ptr<Ranks> ranks) { ranks_ = std::move(ranks); }
  /** Each sample's own loss is wanted too. */
  void keep_losses() { keeps_losses_ = !loss_->couples_images(); }
  /** Of the last run: these, alike; empty where they were not wanted or the loss couples images. */
  std::span<const double> sample_losses() const { return losses_; }

 private:
  struct Seen {
    double weight;
    std::shared_ptr<const Dataset> data;
  };
  /** The logits of these images are the first rows of [batch, Y]. */
  const Tensor& logits_of(std::span<const int64_t> indices);
  void look(const Dataset& data, std::span<const int64_t> indices);

  std::shared_ptr<const Dataset> data_;
  std::vector<Seen> views_;
  Tensor mean_;  // of the views' logits
  int64_t batch_;
  std::string loss_name_;
  std::unique_ptr<Loss> loss_;
  std::unique_ptr<Op> loss_op_;
  std::vector<uint8_t> right_;
  bool keeps_losses_ = false;
  std::vector<double> losses_;
  std::unique_ptr<Program> program_;
  std::shared_ptr<Ranks> ranks_ = alone();
};

}  // namespace convscope

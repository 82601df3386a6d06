#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * Σ_n ∂J(x; θ_n, y)/∂x over the recorded states θ_n that a network had while it was trained (all, or each k-th with `watch_every` k):
 * integrated gradients along the training instead of a line of images, so that no baseline is needed. Early states, whose loss is large,
 * dominate the sum. It asks nothing of the network: the states are gone, and their slopes were added up by whoever watched the training, in
 * float64.
 */
class TrainingPathAttribution : public Attribution {
 public:
  struct Options {
    std::string run;
    bool mean = false;
    void fields(auto&& field) {
      field("run", run, "run folder of a training that was watched; with `explain`, NET itself");
      field("mean", mean, "divided by the count of recorded states");
    }
  };
  explicit TrainingPathAttribution(Options options) : options_(std::move(options)) {}
  bool has_sign() const override { return true; }
  Answers answers() const override { return Answers::true_loss; }
  ShownChannels shown_channels() const override { return ShownChannels::farthest; }
  std::string legend() const override { return "red: over the training the loss grew as the pixel gets brighter; blue: it fell"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

}  // namespace convscope

#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/** Class activation maps that need no slope: channels are weighted by what the network answers with them, or without them. */

struct MaskingCamOptions {
  std::string node;
  int64_t channels = 0;
  void fields(auto&& field) {
    field("node", node,
          "where the map is taken: a node with positions; several with + between them, each divided by its largest number, give their "
          "mean; empty: the last one with positions");
    field("channels", channels, "of the node, those with the largest activations are looked at, as many; 0: all");
  }
};

/**
 * Score-CAM, Wang et al. 2020 (1910.01279), section 3: each channel, in the picture's size and between 0 and 1, is laid over the picture as
 * a mask; w = softmax over the channels of f(x ⊙ mask); the map is Σ w_k A_k above 0. A channel that is the same everywhere masks nothing
 * and is left out. It costs a pass forward for each channel of each node.
 */
class ScoreCam : public Attribution {
 public:
  using Options = MaskingCamOptions;
  explicit ScoreCam(Options options);
  bool has_sign() const override { return false; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override { return "bright: what the node found there, by how well it is seen through it alone"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

/**
 * Ablation-CAM, Desai and Ramaswamy 2020, eq. 4: w_k = (f − f without channel k) / f; the map is Σ w_k A_k above 0. The network is run from
 * the node on, once for each channel.
 */
class AblationCam : public Attribution {
 public:
  using Options = MaskingCamOptions;
  explicit AblationCam(Options options);
  bool has_sign() const override { return false; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override { return "bright: what the node found there, by what is lost without it"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

}  // namespace convscope

#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/** Where class activation maps are taken, and of what. */
struct CamOptions {
  std::string node;
  bool keep_sign = false;
  double finer = 0;
  void fields(auto&& field) {
    field("node", node,
          "where the map is taken: a node with positions; several with + between them, each divided by its largest number, give their "
          "mean; "
          "empty: the last one with positions");
    field("signed", keep_sign, "what speaks against the target stays, below 0");
    field("finer", finer,
          "of logits: the mean logit of the 3 nearest classes is taken off by this factor, so that what they share goes (Zhang et al. "
          "2025); 0: "
          "the logit as it is");
  }
};

/** How a channel A_k [h, w] of the node is weighted by the slopes g_k = ∂f/∂A_k. The map is Σ_k w_k A_k, or Σ_k of what is said, above 0.
 */
enum class CamWeights {
  grad,            // w = mean g
  grad_plus_plus,  // w = Σ α max(g, 0),  α = g² / (2 g² + g³ Σ A)
  xgrad,           // w = Σ g A / Σ A
  hires,           // Σ_k g_k ⊙ A_k
  layer,           // Σ_k max(g_k, 0) ⊙ A_k
  eigen,           // first principal component of the positions' channels
};

/**
 * Class activation maps from a node's activations and their slopes, in the picture's size (bilinear).
 *
 *   grad-cam     1610.02391, eq. 1 and 2       xgrad-cam   2008.02312, eq. 7
 *   grad-cam++   1710.11063, eq. 10 and 19     hires-cam   2011.08891, eq. 4
 *   layer-cam    Jiang et al. 2021, eq. 4      eigen-cam   2008.00299; its sign is such that the farthest number is above 0
 *
 * A map with nothing above 0 is zero, and a note says so.
 */
class Cam : public Attribution {
 public:
  using Options = CamOptions;
  Cam(CamWeights weights, Options options);
  bool has_sign() const override { return options_.keep_sign; }
  Answers answers() const override { return weights_ == CamWeights::eigen ? Answers::activations : Answers::target; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override;
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  CamWeights weights_;
  Options options_;
};

/** Maps of single nodes [h, w] on their way to one map of each picture's size. */
class CamSheets {
 public:
  CamSheets(const Tensor& x, bool keep_sign) : x_(x), keep_sign_(keep_sign), lowest_(static_cast<size_t>(x.shape()[0])) {}
  /** Image n's map of a node. */
  void add(int64_t n, std::vector<double> map, int64_t h, int64_t w);
  /** The maps; of several nodes their mean, each divided by its largest number first. */
  Maps finish(const std::vector<std::string>& nodes) &&;

 private:
  const Tensor& x_;
  bool keep_sign_;
  std::vector<double> lowest_;  // [N] of the numbers before those below 0 were cut
  std::map<int64_t, std::vector<std::vector<double>>> sheets_;
};

}  // namespace convscope

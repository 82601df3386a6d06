#pragma once

#include <functional>
#include <string>
#include <utility>

#include "convscope/train/trainer.h"

namespace convscope {

/**
 * Tells at each update what the perturbation layers do, like --debug of the perturbation study's program. Shown are the first numbers of
 * the batch's first image, its first channel and that channel's first mask, a line for each layer:
 *
 *   update 1  layer1.0.perturb1  x 0.31 0.30 …  level · mask -0.12 0.48 …  sum 0.19 0.78 …
 *
 * The sum is what the layer computed. Where a channel has several masks, activation and weights follow in the same op and there is none.
 */
class PerturbationDebug : public Observer {
 public:
  explicit PerturbationDebug(std::function<void(std::string_view line)> tell) : tell_(std::move(tell)) {}
  /** What goes into these layers; an error where there are none. */
  Names taps(const Graph& network) const override;
  void after_pass(const AfterPass& pass) override;

 private:
  std::function<void(std::string_view line)> tell_;
};

}  // namespace convscope

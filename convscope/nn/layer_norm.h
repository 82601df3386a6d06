#pragma once

#include "convscope/nn/layer.h"

namespace convscope {

/**
 * Layer normalisation over the channels at each point, as in ConvNeXt (Liu et al. 2022): y = weight (x − mean) / √(variance + eps) + bias.
 *
 *   x             [N, C, H, W]
 *   weight, bias  [C, 1, 1, 1] and [C]: a convolution of each channel by itself
 *
 * Nodes `name.standardized` and `name`.
 */
class LayerNorm : public Layer {
 public:
  struct Options {
    double eps = 1e-6;
    void fields(auto&& field) { field("eps", eps, "added to the variance"); }
  };
  explicit LayerNorm(Options options) : options_(options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

/**
 * A learned factor for each channel, Touvron et al. 2021: small at first, so that a residual branch begins as nothing.
 *
 *   parameter `name`  [C, 1, 1, 1]; it carries the layer's own name, as torchvision's does
 *   node              `name.scaled`
 */
class LayerScale : public Layer {
 public:
  struct Options {
    double start = 1e-6;
    void fields(auto&& field) { field("start", start, "the factor before training"); }
  };
  explicit LayerScale(Options options) : options_(options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

}  // namespace convscope

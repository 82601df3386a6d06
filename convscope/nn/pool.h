#pragma once

#include "convscope/graph/ops/pool.h"
#include "convscope/nn/layer.h"

namespace convscope {

/** The largest number of each window; [N, C, H, W] → [N, C, H', W'], H' = (H + 2 pad − kernel) / stride + 1. Padding never wins. */
class MaxPool : public Layer {
 public:
  using Options = MaxPoolOptions;
  explicit MaxPool(Options options) : options_(options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

/** The mean of each window; shapes as in MaxPool. */
class AvgPool : public Layer {
 public:
  using Options = AvgPoolOptions;
  explicit AvgPool(Options options) : options_(options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

/** The mean of each channel's plane; [N, C, H, W] → [N, C, 1, 1]. */
class GlobalAvgPool : public Layer {
 public:
  using Options = NoOptions;
  explicit GlobalAvgPool(Options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;
};

}  // namespace convscope

#pragma once

#include "convscope/nn/layer.h"

namespace convscope {

/** The sum of several values of one shape: (((a + b) + c) + …), nodes `name`, or `name.sum`, `name.sum.2`, … before it. */
class Add : public Layer {
 public:
  using Options = NoOptions;
  explicit Add(Options) {}
  /** One value alone is an error. */
  Value build(Builder& graph, std::string_view name, Value x) const override { return join(graph, name, {x}); }
  Value join(Builder& graph, std::string_view name, std::vector<Value> inputs) const override;
};

/** The product of two values of one shape, or of [N, C, H, W] and a gate [N, C, 1, 1]. */
class Multiply : public Layer {
 public:
  using Options = NoOptions;
  explicit Multiply(Options) {}
  /** One value alone is an error. */
  Value build(Builder& graph, std::string_view name, Value x) const override { return join(graph, name, {x}); }
  Value join(Builder& graph, std::string_view name, std::vector<Value> inputs) const override;
};

}  // namespace convscope

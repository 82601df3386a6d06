#pragma once

#include "convscope/nn/layer.h"

namespace convscope {

/** max(x, 0). */
class Relu : public Layer {
 public:
  using Options = NoOptions;
  explicit Relu(Options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;
};

/** Logits [N, Y] to probabilities along Y. */
class Softmax : public Layer {
 public:
  using Options = NoOptions;
  explicit Softmax(Options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;
};

}  // namespace convscope

#pragma once

#include "convscope/nn/layer.h"

namespace convscope {

/** [N, …] → [N, F] in row-major order. */
class Flatten : public Layer {
 public:
  using Options = NoOptions;
  explicit Flatten(Options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;
};

}  // namespace convscope

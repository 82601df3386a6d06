#pragma once

#include "convscope/nn/layer.h"

namespace convscope {

/** x · sigmoid(x), Elfwing et al. 2017; also called swish. Nodes `name.gate` and `name`. */
class Silu : public Layer {
 public:
  using Options = NoOptions;
  explicit Silu(Options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;
};

}  // namespace convscope

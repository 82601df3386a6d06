#pragma once

#include <string_view>
#include <vector>

#include "convscope/nn/layer.h"

namespace convscope {

/** Channels one behind the other: a node `name`. */
Value concat(Builder& graph, std::string_view name, std::vector<Value> inputs);

/** The same as a layer. */
class Concat : public Layer {
 public:
  using Options = NoOptions;
  explicit Concat(Options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override { return concat(graph, name, {x}); }
  Value join(Builder& graph, std::string_view name, std::vector<Value> inputs) const override {
    return concat(graph, name, std::move(inputs));
  }
};

}  // namespace convscope

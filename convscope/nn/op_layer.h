#pragma once

#include <string_view>
#include <utility>

#include "convscope/nn/layer.h"

namespace convscope {

/** A node of one op with one input and no parameters. The op's header says what it computes. */
template <typename T>
class OpLayer : public Layer {
 public:
  using Options = typename T::Options;
  explicit OpLayer(Options options) : options_(std::move(options)) {}
  Value build(Builder& graph, std::string_view name, Value x) const override { return graph.add<T>(name, options_, {x}); }

 private:
  Options options_;
};

}  // namespace convscope

#pragma once

#include <memory>
#include <string_view>

#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/nn/op_layer.h"

namespace convscope {

using Relu = OpLayer<ReluOp>;
/** Logits [N, Y] to probabilities along Y. */
using Softmax = OpLayer<SoftmaxOp>;

/** x > 0 ? x : weight · x; `weight` is [1], or [C] with `channels`. Two under one name share it. */
class PRelu : public Layer {
 public:
  struct Options {
    bool channels = false;
    double start = 0.25;
    void fields(auto&& field) {
      field("channels", channels, "a slope for each channel instead of one for all");
      field("start", start, "the slope before training");
    }
  };
  explicit PRelu(Options options) : options_(options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

/** x > 0 ? x : a x with a random a in [lower, upper) in training, their mean otherwise. Its random numbers are named after its path. */
class RRelu : public Layer {
 public:
  struct Options {
    double lower = 1.0 / 8;
    double upper = 1.0 / 3;
    void fields(auto&& field) {
      field("lower", lower, "smallest factor of negative numbers");
      field("upper", upper, "largest one");
    }
  };
  explicit RRelu(Options options) : options_(options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

/**
 * What a model's option `act` names, with the layer's own defaults: an activation, prelu or rrelu; lrelu is short for leaky-relu. `whose`
 * opens the message about another name.
 */
std::unique_ptr<Layer> activation(std::string_view name, std::string_view whose);
/** The name of the op that `act` means. */
std::string_view unabbreviated(std::string_view act);

}  // namespace convscope

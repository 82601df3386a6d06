#pragma once

#include <memory>
#include <string_view>

#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/nn/op_layer.h"

namespace convscope {

using Relu = OpLayer<ReluOp>;
using Relu6 = OpLayer<Relu6Op>;
using LeakyRelu = OpLayer<LeakyReluOp>;
using Elu = OpLayer<EluOp>;
using Selu = OpLayer<SeluOp>;
using Tanh = OpLayer<TanhOp>;
using Sigmoid = OpLayer<SigmoidOp>;
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
 * What a model's option `act` names, with the layer's own defaults: relu, relu6, lrelu (or leaky-relu), prelu, rrelu, elu, selu, tanh,
 * sigmoid. `whose` opens the message about another name.
 */
std::unique_ptr<Layer> activation(std::string_view name, std::string_view whose);

}  // namespace convscope

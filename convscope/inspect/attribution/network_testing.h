#pragma once

/** Small networks with known weights for tests of what goes through them node by node. Not installed. */

#include <cmath>

#include "convscope/base/random.h"
#include "convscope/graph/builder.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/concat.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/lrn.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/ops/standardize.h"
#include "convscope/graph/ops/unary.h"
#include "convscope/subject/network_subject.h"

namespace convscope::testing_network {

/** Builds with layers of one line; weights are drawn by name, N(0, 2 / fan in), biases N(0, 0.1), statistics above 0. */
class Net {
 public:
  explicit Net(Shape image, uint64_t seed = 1) : builder(image), image_(image), seed_(seed) {}

  Value pixels() const { return builder.pixels(); }
  Value conv(const std::string& name, Value x, int64_t filters, int64_t kernel, Conv2dOptions options = {.pad = 1, .bias = true}) {
    const auto scope = builder.scope(name);
    std::vector<Value> in{x, builder.parameter("weight", {filters, builder.shape(x)[1] / options.groups, kernel, kernel}, "zeros")};
    if (options.bias) in.push_back(builder.parameter("bias", {filters}, "zeros"));
    return builder.add<Conv2dOp>("conv", options, in);
  }
  Value norm(const std::string& name, Value x) {
    const auto scope = builder.scope(name);
    const Shape c{builder.shape(x)[1]};
    return builder.add<BatchNormOp>(
        "norm", {},
        {x, builder.parameter("gamma", c, "zeros"), builder.parameter("beta", c, "zeros"),
         builder.parameter("running_mean", c, "zeros", false), builder.parameter("running_var", c, "zeros", false)});
  }
  Value dense(const std::string& name, Value x, int64_t outputs, bool bias = true) {
    const auto scope = builder.scope(name);
    std::vector<Value> in{x, builder.parameter("weight", {outputs, builder.shape(x).inner()}, "zeros")};
    if (bias) in.push_back(builder.parameter("bias", {outputs}, "zeros"));
    return builder.add<LinearOp>("dense", {.bias = bias}, in);
  }
  template <typename T>
  Value op(const std::string& name, std::vector<Value> in, typename T::Options options = {}) {
    return builder.add<T>(name, options, std::move(in));
  }
  Value relu(const std::string& name, Value x) { return op<ReluOp>(name, {x}); }
  Value silu(const std::string& name, Value x) { return op<MultiplyOp>(name, {x, op<SigmoidOp>(name + "/gate", {x})}); }
  Value pooled(Value x) { return op<FlattenOp>("flatten", {op<GlobalAvgPoolOp>("gap", {x})}); }
  /** Squeeze and excitation. */
  Value excited(const std::string& name, Value x) {
    const int64_t channels = builder.shape(x)[1];
    const Value squeezed = op<GlobalAvgPoolOp>(name + "/squeeze", {x});
    const Value middle = relu(name + "/relu", conv(name + "/down", squeezed, 2, 1, {.bias = true}));
    return op<MultiplyOp>(name, {x, op<SigmoidOp>(name + "/gate", {conv(name + "/up", middle, channels, 1, {.bias = true})})});
  }

  NetworkSubject subject(Value logits, int64_t batch = 4, Choice engine = usual_engine()) {
    const Graph graph = std::move(builder).finish(logits);
    std::map<std::string, Tensor> tensors;
    for (const ParameterInfo& p : parameters(graph)) {
      Tensor t(p.shape);
      const RandomStream random(seed_, p.name);
      const bool weight = p.shape.rank() > 1;
      const double spread = weight ? std::sqrt(2.0 / static_cast<double>(p.shape.inner())) : 0.1;
      for (int64_t i = 0; i < t.size(); ++i) {
        t[i] = static_cast<float>(spread * random.normal(static_cast<uint64_t>(i)));
        if (p.name.ends_with("gamma")) t[i] += 1;
        if (p.name.ends_with("running_var")) t[i] = 1 + std::abs(t[i]);
      }
      tensors.emplace(p.name, std::move(t));
    }
    return {graph, std::make_shared<Weights>(graph, tensors), {.batch = batch, .engine = std::move(engine)}};
  }

  Builder builder;

 private:
  Shape image_;
  uint64_t seed_;
};

/** Two convolutions with rectifiers, a mean of each map and a dense layer: 5 logits. */
inline NetworkSubject small_network(Shape image, uint64_t seed = 1) {
  Net net(image, seed);
  const Value first = net.relu("relu1", net.conv("conv1", net.pixels(), 6, 3));
  const Value second = net.relu("relu2", net.norm("norm2", net.conv("conv2", first, 8, 3, {.stride = 2, .pad = 1})));
  return net.subject(net.dense("fc", net.pooled(second), 5));
}

inline Tensor random_images(int64_t n, Shape image, uint64_t seed = 5) {
  Tensor x({n, image[0], image[1], image[2]});
  const RandomStream random(seed, "attributed images");
  for (int64_t i = 0; i < x.size(); ++i) x[i] = random.uniform(static_cast<uint64_t>(i));
  return x;
}

inline Tensor only(const Tensor& x, int64_t n) { return {x.shape().with_batch(1), std::span<const float>(x.row(n))}; }

}  // namespace convscope::testing_network

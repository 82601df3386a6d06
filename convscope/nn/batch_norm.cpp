#include "convscope/nn/batch_norm.h"

#include "convscope/graph/ops/batch_norm.h"

namespace convscope {

Value BatchNorm::build(Builder& graph, std::string_view name, Value x) const {
  const Options& o = options_;
  const Shape in = graph.shape(x);
  require(in.rank() == 4, "batch-norm '{}': the input is {}, pictures [N, C, H, W] were wanted", graph.path(name), in);
  require(o.eps > 0 && o.momentum >= 0 && o.momentum <= 1, "batch-norm '{}': eps {} must be above 0 and momentum {} between 0 and 1",
          graph.path(name), o.eps, o.momentum);

  const Shape statistics = o.per_activation ? Shape{in[1], in[2], in[3]} : Shape{in[1]};
  const Shape scale = o.scalar_scale ? Shape{1} : statistics;
  const auto parameter = [&](std::string_view what, const Shape& shape, std::string_view init, bool trained) {
    return graph.parameter(fmt::format("{}.{}", name, what), shape, init, trained);
  };
  std::vector<Value> inputs{x, parameter("weight", scale, "ones", true), parameter("bias", scale, "zeros", true),
                            parameter("running_mean", statistics, "zeros", false), parameter("running_var", statistics, "ones", false)};
  return graph.add<BatchNormOp>(name, {.eps = o.eps, .momentum = o.momentum, .per_activation = o.per_activation, .unbiased = o.unbiased},
                                std::move(inputs));
}

}  // namespace convscope

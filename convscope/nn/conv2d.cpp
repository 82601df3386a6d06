#include "convscope/nn/conv2d.h"

#include "convscope/graph/ops/conv2d.h"
#include "convscope/nn/initialisers.h"

namespace convscope {

Value Conv2d::build(Builder& graph, std::string_view name, Value x) const {
  const Options& o = options_;
  const Shape in = graph.shape(x);
  require(in.rank() == 4, "conv2d '{}': the input is {}, pictures [N, C, H, W] were wanted", graph.path(name), in);
  require(o.filters >= 1 && o.kernel >= 1 && o.stride >= 1 && o.pad >= 0 && o.dilation >= 1 && o.groups >= 1,
          "conv2d '{}': {} filters of {}×{}, stride {}, pad {}, dilation {}, groups {}; each must be at least 1, pad at least 0",
          graph.path(name), o.filters, o.kernel, o.kernel, o.stride, o.pad, o.dilation, o.groups);
  require(in[1] % o.groups == 0 && o.filters % o.groups == 0, "conv2d '{}': {} channels and {} filters cannot be split into {} groups",
          graph.path(name), in[1], o.filters, o.groups);

  const Shape weight{o.filters, in[1] / o.groups, o.kernel, o.kernel};
  std::vector<Value> inputs{x, graph.parameter(fmt::format("{}.weight", name), weight, o.init)};
  if (o.bias) inputs.push_back(graph.parameter(fmt::format("{}.bias", name), {o.filters}, bias_initialiser(o.bias_init, fans(weight).in)));
  return graph.add<Conv2dOp>(name, {.stride = o.stride, .pad = o.pad, .dilation = o.dilation, .groups = o.groups, .bias = o.bias},
                             std::move(inputs));
}

}  // namespace convscope

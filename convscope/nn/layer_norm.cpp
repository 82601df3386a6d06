#include "convscope/nn/layer_norm.h"

#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/standardize.h"
#include "convscope/nn/conv2d.h"

namespace convscope {

namespace {
int64_t channels_of(Builder& graph, std::string_view what, std::string_view name, Value x) {
  const Shape in = graph.shape(x);
  require(in.rank() == 4, "{} '{}': the input is {}, pictures [N, C, H, W] were wanted", what, graph.path(name), in);
  return in[1];
}
}  // namespace

Value LayerNorm::build(Builder& graph, std::string_view name, Value x) const {
  const int64_t channels = channels_of(graph, "layer-norm", name, x);
  x = graph.add<StandardizeOp>(fmt::format("{}.standardized", name), {.over = "channels", .eps = options_.eps}, {x});
  return Conv2d({.filters = channels, .kernel = 1, .pad = 0, .groups = channels, .init = "ones", .bias_init = "zeros"})
      .build(graph, name, x);
}

Value LayerScale::build(Builder& graph, std::string_view name, Value x) const {
  const int64_t channels = channels_of(graph, "layer-scale", name, x);
  const Value scale = graph.parameter(name, {channels, 1, 1, 1}, fmt::format("constant,value={}", options_.start));
  return graph.add<Conv2dOp>(fmt::format("{}.scaled", name), {.groups = channels}, {x, scale});
}

}  // namespace convscope

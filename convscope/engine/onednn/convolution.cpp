#include <cstring>

#include "convscope/engine/onednn/lowering.h"
#include "convscope/engine/onednn/own_convolution.h"
#include "convscope/graph/ops/conv2d.h"

namespace convscope::onednn {

namespace {

/** A convolution as oneDNN sees it; channels of a group get an axis of their own in the weights. */
struct Geometry {
  Dims x, weight, y;
  Window window;
};

template <typename Options>
Geometry geometry(const Options& o, const Shape& x, const Shape& weight, const Shape& y) {
  Geometry g{dims_of(x), dims_of(weight), dims_of(y), {}};
  if (o.groups > 1) g.weight = {o.groups, weight[0] / o.groups, weight[1], weight[2], weight[3]};
  const auto after = [&](int axis) {
    const int64_t reach = o.dilation * (weight[axis] - 1) + 1;
    return (y[axis] - 1) * o.stride + reach - x[axis] - o.pad;
  };
  g.window = {{o.stride, o.stride}, {o.dilation - 1, o.dilation - 1}, {o.pad, o.pad}, {after(2), after(3)}};
  return g;
}

Desc any(const Dims& dims, Type type) { return Desc(dims, type, Tag::any); }

auto forward_pd(const Lowering& low, const Geometry& g, bool bias, const dnnl::primitive_attr& attr) {
  const Desc b = row_major({g.y[1]}, Type::f32);
  return convolution_forward(low.engine(), low.prop(), any(g.x, low.type()), any(g.weight, low.type()), bias ? &b : nullptr,
                             any(g.y, low.type()), g.window, attr);
}

void lower_forward(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Conv2dOptions& o = convscope::as<Conv2dOp>(*node.op)->get();
  const Graph& graph = low.graph();
  const Geometry g = geometry(o, graph.shape(node.inputs[0]), graph.shape(node.inputs[1]), node.shapes[0]);
  const size_t residual_input = o.bias ? 3 : 2;

  const auto in_passing = eltwise_in_passing(o.activation, low.training());
  // The residual is added as the result leaves the registers: as a second operand where oneDNN's fast kernels know that, onto itself
  // otherwise. Depthwise ones of oneDNN 2.6 add that of the first 16 channels alone where the map is one pixel.
  const bool depthwise = o.groups > 1 && o.groups == g.x[1];
  const auto attributes = [&](bool sum, const Desc& y) {
    dnnl::post_ops ops;
    if (o.residual && sum) ops.append_sum(1.0f);
    if (o.residual && !sum) ops.append_binary(dnnl::algorithm::binary_add, y);
    return with_eltwise(ops, in_passing);
  };
  auto pd = forward_pd(low, g, o.bias, attributes(true, {}));
  require(bool(pd), "oneDNN has no convolution for node '{}'", node.name);
  bool sum = true;
  if (o.residual && !depthwise) {
    const auto binary = forward_pd(low, g, o.bias, attributes(false, pd.dst_desc()));
    if (binary && binary.dst_desc() == pd.dst_desc() && std::strcmp(binary.impl_info_str(), pd.impl_info_str()) == 0) {
      pd = binary;
      sum = false;
    }
  }

  Arguments reads{{DNNL_ARG_SRC, low.as(node.inputs[0], pd.src_desc())}, {DNNL_ARG_WEIGHTS, low.as(node.inputs[1], pd.weights_desc())}};
  if (o.bias) reads.emplace_back(DNNL_ARG_BIAS, low.as(node.inputs[2], row_major({g.y[1]}, Type::f32)));
  const Located residual = o.residual ? low.as(node.inputs[residual_input], pd.dst_desc()) : Located{};
  const bool apart = o.activation && !in_passing;
  const Located y = place_before_activation(low, index, pd.dst_desc(), apart);
  if (o.residual && sum) {
    low.step({.name = node.name + " · copy residual",
              .reads = {residual.buffer},
              .writes = {y.buffer},
              .in_place = {{y.buffer, residual.buffer}},
              .bind = [from = residual.buffer, to = y.buffer, bytes = pd.dst_desc().get_size()](const auto& at) -> Action {
                const void* source = at(from);
                void* target = at(to);
                return [=](const RunContext&) {
                  if (source != target) std::memcpy(target, source, bytes);
                };
              }});
  } else if (o.residual) {
    reads.emplace_back(DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, residual);
  }
  low.primitive(node.name + " · " + pd.impl_info_str(), dnnl::convolution_forward(pd), reads, {{DNNL_ARG_DST, y}}, pd.scratchpad_desc());
  if (apart) lower_activation_of(low, index, *o.activation, y);
}

void lower_backward_data(Lowering& low, int index) {
  const Node& node = low.node(index);
  const auto& o = convscope::as<Conv2dBackwardDataOp>(*node.op)->get();
  const Graph& graph = low.graph();
  const Geometry g = geometry(o, node.shapes[0], graph.shape(node.inputs[1]), graph.shape(node.inputs[0]));
  const auto hint = forward_pd(low, g, false, user_scratchpad());
  const auto pd = convolution_backward_data(low.engine(), any(g.x, low.type()), any(g.weight, low.type()), any(g.y, low.type()), g.window,
                                            hint, user_scratchpad());
  const Arguments reads{{DNNL_ARG_DIFF_DST, low.as(node.inputs[0], pd.diff_dst_desc())},
                        {DNNL_ARG_WEIGHTS, low.as(node.inputs[1], pd.weights_desc())}};
  const Located dx = low.define({index, 0}, pd.diff_src_desc());
  low.primitive(node.name + " · " + pd.impl_info_str(), dnnl::convolution_backward_data(pd), reads, {{DNNL_ARG_DIFF_SRC, dx}},
                pd.scratchpad_desc());
}

auto backward_weights_pd(const Lowering& low, int index) {
  const Node& node = low.node(index);
  const auto& o = convscope::as<Conv2dBackwardWeightsOp>(*node.op)->get();
  const Graph& graph = low.graph();
  const Geometry g = geometry(o, graph.shape(node.inputs[0]), node.shapes[0], graph.shape(node.inputs[1]));
  const Desc bias = row_major({g.y[1]}, Type::f32);
  return convolution_backward_weights(low.engine(), any(g.x, low.type()), any(g.weight, Type::f32), o.bias ? &bias : nullptr,
                                      any(g.y, low.type()), g.window, forward_pd(low, g, o.bias, user_scratchpad()), user_scratchpad());
}

void lower_backward_weights(Lowering& low, int index) {
  lower_weight_gradient<dnnl::convolution_backward_weights>(low, index, backward_weights_pd(low, index));
}

}  // namespace

std::optional<Desc> preferred_convolution_weights(const Lowering& low, int node) {
  if (!convscope::as<Conv2dBackwardWeightsOp>(*low.node(node).op)) return std::nullopt;
  if (makes_gradient_in_blocks(low, low.node(node))) return weights_in_blocks(dims_of(low.node(node).shapes[0]));
  return backward_weights_pd(low, node).diff_weights_desc();
}

std::span<const Implementation> convolution_implementations() {
  static constexpr Implementation rows[] = {
      {Conv2dOp::kKind, "onednn", always, lower_forward},
      {Conv2dBackwardDataOp::kKind, "onednn", always, lower_backward_data},
      {Conv2dBackwardWeightsOp::kKind, "onednn", always, lower_backward_weights},
  };
  return rows;
}

}  // namespace convscope::onednn

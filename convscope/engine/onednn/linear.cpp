#include "convscope/graph/ops/linear.h"

#include "convscope/engine/onednn/lowering.h"

namespace convscope::onednn {

namespace {

Dims flat(const Shape& s) { return {s[0], s.inner()}; }
Desc any(const Dims& dims, Type type) { return Desc(dims, type, Tag::any); }

auto forward_pd(const Lowering& low, const Dims& x, const Dims& weight, bool bias, Type result,
                const std::optional<Eltwise>& in_passing = {}) {
  const Desc b = row_major({weight[0]}, Type::f32);
  return linear_forward(low.engine(), low.prop(), any(x, low.type()), any(weight, low.type()), bias ? &b : nullptr,
                        row_major({x[0], weight[0]}, result), with_eltwise({}, in_passing));
}

void lower_forward(Lowering& low, int index) {
  const Node& node = low.node(index);
  const LinearOptions& o = convscope::as<LinearOp>(*node.op)->get();
  const Dims x = flat(low.graph().shape(node.inputs[0])), weight = dims_of(low.graph().shape(node.inputs[1]));
  // The logits stay in f32: losses and confidences are made from them.
  const auto in_passing = eltwise_in_passing(o.activation, low.training());
  const auto pd = forward_pd(low, x, weight, o.bias, low.is_logits({index, 0}) ? Type::f32 : low.type(), in_passing);
  Arguments reads{{DNNL_ARG_SRC, low.as(node.inputs[0], pd.src_desc())}, {DNNL_ARG_WEIGHTS, low.as(node.inputs[1], pd.weights_desc())}};
  if (o.bias) reads.emplace_back(DNNL_ARG_BIAS, low.as(node.inputs[2], row_major({weight[0]}, Type::f32)));
  const bool apart = o.activation && !in_passing;
  const Located y = place_before_activation(low, index, pd.dst_desc(), apart);
  low.primitive(node.name + " · " + pd.impl_info_str(), dnnl::inner_product_forward(pd), reads, {{DNNL_ARG_DST, y}}, pd.scratchpad_desc());
  if (apart) lower_activation_of(low, index, *o.activation, y);
}

void lower_backward_data(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Dims x = flat(node.shapes[0]), weight = dims_of(low.graph().shape(node.inputs[1]));
  const auto hint = forward_pd(low, x, weight, false, low.type());
  const auto pd = linear_backward_data(low.engine(), row_major(x, low.type()), any(weight, low.type()), any({x[0], weight[0]}, low.type()),
                                       hint, user_scratchpad());
  const Arguments reads{{DNNL_ARG_DIFF_DST, low.as(node.inputs[0], pd.diff_dst_desc())},
                        {DNNL_ARG_WEIGHTS, low.as(node.inputs[1], pd.weights_desc())}};
  Located dx = low.define({index, 0}, row_major(dims_of(node.shapes[0]), low.type()));
  dx.desc = pd.diff_src_desc();  // the same numbers, counted as rows
  low.primitive(node.name + " · " + pd.impl_info_str(), dnnl::inner_product_backward_data(pd), reads, {{DNNL_ARG_DIFF_SRC, dx}},
                pd.scratchpad_desc());
}

auto backward_weights_pd(const Lowering& low, int index) {
  const Node& node = low.node(index);
  const bool bias = node.shapes.size() > 1;
  const Dims x = flat(low.graph().shape(node.inputs[0])), weight = dims_of(node.shapes[0]);
  const Desc b = row_major({weight[0]}, Type::f32);
  return linear_backward_weights(low.engine(), any(x, low.type()), any(weight, Type::f32), bias ? &b : nullptr,
                                 any({x[0], weight[0]}, low.type()), forward_pd(low, x, weight, bias, low.type()), user_scratchpad());
}

void lower_backward_weights(Lowering& low, int index) {
  lower_weight_gradient<dnnl::inner_product_backward_weights>(low, index, backward_weights_pd(low, index));
}

}  // namespace

std::optional<Desc> preferred_linear_weights(const Lowering& low, int node) {
  if (!convscope::as<LinearBackwardWeightsOp>(*low.node(node).op)) return std::nullopt;
  return backward_weights_pd(low, node).diff_weights_desc();
}

std::span<const Implementation> linear_implementations() {
  static constexpr Implementation rows[] = {
      {LinearOp::kKind, "onednn", always, lower_forward},
      {LinearBackwardDataOp::kKind, "onednn", always, lower_backward_data},
      {LinearBackwardWeightsOp::kKind, "onednn", always, lower_backward_weights},
  };
  return rows;
}

}  // namespace convscope::onednn

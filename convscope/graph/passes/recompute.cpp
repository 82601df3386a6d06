#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/passes/rewrite.h"

namespace convscope {

namespace {

/** The input through which a node of the gradient reads what a batch norm gave; −1 where the node is none of these. */
int input_from_forward(const Op& op) {
  if (as<Conv2dBackwardWeightsOp>(op)) return 0;
  if (as<PerturbMixBackwardOp>(op)) return PerturbMixBackwardOp::kX;
  if (const auto* norm = as<BatchNormBackwardOp>(op)) return norm->get().residual && norm->get().relu ? BatchNormBackwardOp::kY : -1;
  return -1;
}

/**
 * Which batch norms are computed again. One without residual needs its own input alone. One with a residual needs that too, so every
 * second of a chain of residual blocks is kept: what the others are made from is then there.
 */
std::vector<bool> choose(const Graph& graph, const Names& keep) {
  std::vector<bool> again(graph.nodes().size(), false);
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    const auto* norm = as<BatchNormOp>(*node.op);
    if (!norm || keep.contains(node.name)) continue;
    // The slope of any activation but ReLU is told from the result, which is kept for it.
    if (const auto& f = norm->get().activation; f && f->kind != Activation::kRelu) continue;
    if (!norm->get().residual) {
      again[i] = true;
      continue;
    }
    const Value residual = node.inputs[BatchNormOp::kResidual];
    const auto* source = as<BatchNormOp>(*graph.node(residual).op);
    again[i] = source && source->get().residual && residual.output == BatchNormOp::kY && !again[static_cast<size_t>(residual.node)];
  }
  return again;
}

}  // namespace

Graph recompute_batch_norm(const Graph& graph, const Names& keep) {
  const std::vector<bool> again = choose(graph, keep);
  std::map<int, Value> made;  // batch norm → its result, computed again for the gradient's first reader and there for the others
  Rewrite at(graph);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node& node = graph.node(i);
    const int input = input_from_forward(*node.op);
    const Value y = input >= 0 ? node.inputs[static_cast<size_t>(input)] : Value{};
    if (y.node < 0 || y.output != BatchNormOp::kY || !again[static_cast<size_t>(y.node)]) {
      at.keep(i);
      continue;
    }
    if (!made.contains(y.node)) {
      const Node& norm = graph.node(y);
      const BatchNormOptions& o = as<BatchNormOp>(*norm.op)->get();
      const auto in = at(norm.inputs);
      const Value kept = at(y);
      std::vector<Value> inputs{in[BatchNormOp::kX],
                                in[BatchNormOp::kGamma],
                                in[BatchNormOp::kBeta],
                                {kept.node, BatchNormOp::kMean},
                                {kept.node, BatchNormOp::kVariance}};
      if (o.residual) inputs.push_back(in[BatchNormOp::kResidual]);
      made[y.node] = at.to.add(at.to.free_name(norm.name + "/again"),
                               std::make_shared<BatchNormAgainOp>(BatchNormAgainOptions{o.eps, o.residual, o.activation}), inputs);
    }
    std::vector<Value> inputs = at(node.inputs);
    inputs[static_cast<size_t>(input)] = made[y.node];
    at.put(i, at.to.add(node.name, node.op, inputs));
  }
  return std::move(at).finish();
}

}  // namespace convscope

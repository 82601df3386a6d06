#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/passes/rewrite.h"

namespace convscope {

Graph recompute_batch_norm(const Graph& graph, const Names& keep) {
  Rewrite at(graph);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node& node = graph.node(i);
    const Value x = as<Conv2dBackwardWeightsOp>(*node.op) ? node.inputs[0] : Value{};
    const auto* norm = x.node >= 0 && x.output == BatchNormOp::kY ? as<BatchNormOp>(*graph.node(x).op) : nullptr;
    if (!norm || norm->get().residual || keep.contains(graph.node(x).name)) {
      at.keep(i);
      continue;
    }
    const auto in = at(graph.node(x).inputs);
    const Value y = at(x);
    const Value again = at.to.add(at.to.free_name(graph.node(x).name + "/again"),
                                  std::make_shared<BatchNormAgainOp>(BatchNormAgainOptions{norm->get().eps, norm->get().relu}),
                                  {in[BatchNormOp::kX], in[BatchNormOp::kGamma], in[BatchNormOp::kBeta], Value{y.node, BatchNormOp::kMean},
                                   Value{y.node, BatchNormOp::kVariance}});
    at.put(i, at.to.add(node.name, node.op, {again, at(node.inputs[1])}));
  }
  return std::move(at).finish();
}

}  // namespace convscope

#include <utility>

#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/identity.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/passes/rewrite.h"

namespace convscope {

Graph for_inference(const Graph& graph, const Names& keep) {
  Rewrite at(graph);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node& node = graph.node(i);
    if (as<DropoutOp>(*node.op)) {
      const Value x = at(node.inputs[0]);
      at.put(i, keep.contains(node.name) ? at.to.add(node.name, std::make_shared<IdentityOp>(NoOptions{}), {x}) : x);
    } else if (const auto* random = as<RReluOp>(*node.op)) {
      at.put(i, at.to.add(node.name, std::make_shared<LeakyReluOp>(LeakyReluOptions{random->mean_slope()}), at(node.inputs)));
    } else if (const auto* norm = as<BatchNormOp>(*node.op)) {
      const auto in = at(node.inputs);
      const Value scale = at.to.add(node.name + "/scale", std::make_shared<BatchNormScaleOp>(BatchNormScaleOptions{norm->get().eps}),
                                    {in[BatchNormOp::kGamma], in[BatchNormOp::kRunningVariance]});
      const Value shift = at.to.add(node.name + "/shift", std::make_shared<BatchNormShiftOp>(NoOptions{}),
                                    {in[BatchNormOp::kBeta], in[BatchNormOp::kRunningMean], scale});
      std::vector<Value> inputs{in[BatchNormOp::kX], scale, shift};
      if (norm->get().residual) inputs.push_back(in[BatchNormOp::kResidual]);
      at.put(i, at.to.add(node.name, std::make_shared<AffineOp>(AffineOptions{norm->get().residual, norm->get().relu}), inputs));
    } else {
      at.keep(i);
    }
  }
  return std::move(at).finish();
}

Graph for_training(const Graph& graph) {
  Graph out = graph;
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node node = out.node(i);
    const auto* norm = as<BatchNormOp>(*node.op);
    if (!norm) continue;
    const double n =
        static_cast<double>(out.shape(node.inputs[BatchNormOp::kX]).size()) / static_cast<double>(node.shapes[BatchNormOp::kMean].size());
    const double correction = norm->get().unbiased && n > 1 ? n / (n - 1) : 1.0;
    const auto update = [&](int input, int output, double factor) {
      const Value old = node.inputs[static_cast<size_t>(input)];
      const Value now =
          out.add(out.free_name(out.node(old).name + "/update"),
                  std::make_shared<RunningAverageOp>(RunningAverageOptions{norm->get().momentum, factor}), {old, {i, output}});
      out.updates.emplace_back(out.node(old).name, now);
    };
    update(BatchNormOp::kRunningMean, BatchNormOp::kMean, 1.0);
    update(BatchNormOp::kRunningVariance, BatchNormOp::kVariance, correction);
  }
  return out;
}

Graph prune(const Graph& graph, const Names& roots) {
  std::vector<bool> needed(graph.nodes().size(), false);
  const auto need = [&](Value v) { needed[static_cast<size_t>(v.node)] = true; };
  for (const std::string& name : roots) need(graph.at(name));
  for (const auto& [name, value] : graph.updates) need(value);
  for (size_t i = graph.nodes().size(); i-- > 0;)
    if (needed[i])
      for (const Value v : graph.nodes()[i].inputs) need(v);
  Rewrite at(graph);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i)
    if (needed[static_cast<size_t>(i)]) at.keep(i);
  return std::move(at).finish();
}

Graph expose_stride_one(const Graph& graph, std::string_view name) {
  const Value strided = graph.at(name);
  const auto dense_op = [&](const Op& op, int64_t& rate) -> std::shared_ptr<const Op> {
    if (const auto* conv = as<Conv2dOp>(op)) {
      auto options = conv->get();
      rate = std::exchange(options.stride, 1);
      require(!options.residual, "node '{}' adds a residual; its stride-1 signal is not defined", name);
      return std::make_shared<Conv2dOp>(options);
    }
    if (const auto* pool = as<MaxPoolOp>(op)) {
      auto options = pool->get();
      rate = std::exchange(options.stride, 1);
      return std::make_shared<MaxPoolOp>(options);
    }
    if (const auto* pool = as<AvgPoolOp>(op)) {
      auto options = pool->get();
      rate = std::exchange(options.stride, 1);
      return std::make_shared<AvgPoolOp>(options);
    }
    return nullptr;
  };
  int64_t rate = 1;
  const auto dense = dense_op(*graph.node(strided).op, rate);
  require(dense != nullptr && rate > 1, "node '{}' is a {} without a stride: it drops no samples", name, graph.node(strided).op->kind());

  Rewrite at(graph);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    if (i != strided.node) {
      at.keep(i);
      continue;
    }
    const Value signal = at.to.add(std::string(name) + "/stride-1", dense, at(graph.node(i).inputs));
    const Value dropped = at.to.add(std::string(name), std::make_shared<SubsampleOp>(SubsampleOptions{rate}), {signal});
    require(at.to.shape(dropped) == graph.shape(strided),
            "node '{}': dropping samples from its stride-1 signal gives {}, the node gives {} (ceil mode); it cannot be exposed", name,
            at.to.shape(dropped), graph.shape(strided));
    at.put(i, dropped);
  }
  return std::move(at).finish();
}

}  // namespace convscope

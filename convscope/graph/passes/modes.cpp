#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/drop_images.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/identity.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/passes/rewrite.h"

namespace convscope {

Graph for_inference(const Graph& graph, const Names& keep) {
  Rewrite at(graph);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node& node = graph.node(i);
    if (as<DropoutOp>(*node.op) || as<DropImagesOp>(*node.op)) {
      const Value x = at(node.inputs[0]);
      at.put(i, keep.contains(node.name) ? at.to.add(node.name, std::make_shared<IdentityOp>(NoOptions{}), {x}) : x);
    } else if (const auto* random = as<RReluOp>(*node.op)) {
      at.put(i, at.to.add(node.name, std::make_shared<LeakyReluOp>(LeakyReluOptions{random->mean_slope()}), at(node.inputs)));
    } else if (const auto* mix = as<PerturbMixOp>(*node.op); mix && mix->get().random()) {
      PerturbMixOptions options = mix->get();
      options.act = LeakyReluOp::kKind;
      options.tuning = (options.lower + options.upper) / 2;
      at.put(i, at.to.add(node.name, std::make_shared<PerturbMixOp>(options), at(node.inputs)));
    } else if (const auto* norm = as<BatchNormOp>(*node.op)) {
      const auto in = at(node.inputs);
      const Value scale = at.to.add(node.name + "/scale", std::make_shared<BatchNormScaleOp>(BatchNormScaleOptions{norm->get().eps}),
                                    {in[BatchNormOp::kGamma], in[BatchNormOp::kRunningVariance]});
      const Value shift = at.to.add(node.name + "/shift", std::make_shared<BatchNormShiftOp>(NoOptions{}),
                                    {in[BatchNormOp::kBeta], in[BatchNormOp::kRunningMean], scale});
      std::vector<Value> inputs{in[BatchNormOp::kX], scale, shift};
      if (norm->get().residual) inputs.push_back(in[BatchNormOp::kResidual]);
      at.put(i, at.to.add(node.name, std::make_shared<AffineOp>(AffineOptions{norm->get().residual, norm->get().activation}), inputs));
    } else {
      at.keep(i);
    }
  }
  return std::move(at).finish();
}

Graph for_training(const Graph& graph, double batches) {
  Graph out = graph;
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node node = out.node(i);
    const auto* norm = as<BatchNormOp>(*node.op);
    if (!norm) continue;
    const double n = batches * static_cast<double>(out.shape(node.inputs[BatchNormOp::kX]).size()) /
                     static_cast<double>(node.shapes[BatchNormOp::kMean].size());
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

}  // namespace convscope

#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/passes/rewrite.h"

namespace convscope {

namespace {

/** The op that `o` names, or null for none. */
std::shared_ptr<const Op> middle_of(const PerturbMixOptions& o) {
  if (const auto f = o.activation()) return f->op();
  if (o.learned()) return std::make_shared<PReluOp>(NoOptions{});
  if (o.random()) return std::make_shared<RReluOp>(RReluOptions{o.lower, o.upper, o.stream});
  return nullptr;
}

}  // namespace

Graph part_perturbations(const Graph& graph, const Names& apart) {
  Rewrite at(graph);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node& node = graph.node(i);
    const auto* mix = as<PerturbMixOp>(*node.op);
    const auto middle = mix ? middle_of(mix->get()) : nullptr;
    if (!middle || !apart.contains(middle->kind())) {
      at.keep(i);
      continue;
    }
    const auto in = at(node.inputs);
    const auto named = [&](std::string_view part) { return at.to.free_name(fmt::format("{}/{}", node.name, part)); };
    const Value maps = at.to.add(named("perturb"), std::make_shared<PerturbOp>(PerturbOptions{mix->get().level}),
                                 {in[PerturbMixOp::kX], in[PerturbMixOp::kMasks]});
    std::vector<Value> activated{maps};
    if (mix->get().learned()) activated.push_back(in[PerturbMixOp::kSlope]);
    const Value y = at.to.add(named("act"), middle, activated);
    const Conv2dOptions sums{.groups = graph.shape(node.inputs[PerturbMixOp::kX])[1], .bias = true};
    at.put(i, at.to.add(node.name, std::make_shared<Conv2dOp>(sums), {y, in[PerturbMixOp::kWeight], in[PerturbMixOp::kBias]}));
  }
  return std::move(at).finish();
}

}  // namespace convscope

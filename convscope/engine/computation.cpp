#include "convscope/base/machine.h"
#include "convscope/engine/program.h"
#include "convscope/graph/ops/leaf.h"

namespace convscope {

Precision precision_of(std::string_view name) {
  const std::vector<std::string> known{"fp32", "bf16"};
  require(name == "fp32" || name == "bf16", "no precision '{}'{}", name, known_names(name, known));
  return name == "bf16" ? Precision::bf16 : Precision::fp32;
}

std::string_view name_of(Precision precision) { return precision == Precision::bf16 ? "bf16" : "fp32"; }

Computation make_computation(const Graph& network, const Request& request, bool optimise) {
  constexpr std::string_view kStrideOne = "/stride-1";
  const bool training = request.purpose == Purpose::train;
  require(request.purpose != Purpose::predict || !request.objective, "a program that predicts has no objective; one that explains has");
  require(request.purpose == Purpose::predict || request.objective.has_value(), "a program for gradients needs an objective");

  Computation task;
  Graph graph = with_batch(network, request.batch);
  task.logits = graph.name(graph.output);
  for (const std::string& tap : request.taps)
    if (tap.ends_with(kStrideOne) && !graph.find(tap)) graph = expose_stride_one(graph, tap.substr(0, tap.size() - kStrideOne.size()));
  Names keep = request.taps;
  keep.insert(request.gradients.begin(), request.gradients.end());
  for (const std::string& name : keep) graph.at(name);  // unknown names are refused before passes rename anything
  keep.insert(task.logits);

  // A rule is to see each op of its kind as the network has it.
  Names ruled;
  for (const auto& [kind, rule] : request.rules) ruled.insert(kind);
  if (!training) graph = for_inference(graph, keep);
  graph = part_perturbations(graph, ruled);
  if ((optimise && !training) || request.folded) graph = fold_batch_norm(graph, keep, request.folded ? Names{} : ruled);
  if (optimise) graph = fuse_elementwise(graph, keep, ruled);
  if (training) {
    const double batches = request.part_of > 0 ? static_cast<double>(request.part_of) / static_cast<double>(request.batch) : 1;
    graph = for_training(graph, batches);
    if (!request.moves_statistics) graph.updates.clear();
  }
  if (request.reference) graph = with_reference(graph);

  Names roots = keep;
  if (request.objective) {
    const Value logits = graph.at(task.logits);
    const std::vector<int64_t> of_labels =
        request.label_distributions ? std::vector{request.batch, graph.shape(logits)[1]} : std::vector{request.batch};
    const Value labels = graph.add(std::string(kLabels), std::make_shared<InputOp>(InputOptions{of_labels}), {});
    task.objective = graph.free_name("objective");
    const Value objective = graph.add(task.objective, ops().make(*request.objective), {logits, labels});
    require(graph.shape(objective).size() == 1, "'{}' is no objective: it gives {}, one number was wanted", request.objective->name,
            graph.shape(objective));
    roots.insert(task.objective);

    std::vector<std::string> names(request.gradients.begin(), request.gradients.end());
    if (training)
      for (const ParameterInfo& p : parameters(graph))
        if (p.trained) names.push_back(p.name);
    std::vector<Value> wanted;
    for (const std::string& name : names) wanted.push_back(graph.at(name));
    Notes notes;
    const auto gradients = differentiate(graph, objective, wanted, request.rules, &notes);
    for (const auto& [name, value] : notes) {
      require(!task.gradients.contains(name) && !request.gradients.contains(name), "a rule notes '{}', which is a gradient's name", name);
      task.notes.insert(name);
      task.gradients[name] = graph.name(value);
      roots.insert(graph.name(value));
    }
    for (size_t i = 0; i < names.size(); ++i) {
      task.gradients[names[i]] = graph.name(gradients[i]);
      roots.insert(graph.name(gradients[i]));
    }
    if (optimise) graph = fuse_gradient_sums(graph, roots);
    if (optimise && training) graph = recompute_batch_norm(graph, roots);
  }
  task.graph = prune(graph, roots);
  return task;
}

int64_t slope_macs(const Graph& network) {
  Request slope;
  slope.purpose = Purpose::explain;
  slope.objective = Choice{"cross-entropy"};
  slope.gradients = {std::string(kPixels)};
  return macs(make_computation(network, slope, false).graph);
}

int64_t training_macs(const Graph& network) {
  Request update;
  update.purpose = Purpose::train;
  update.objective = Choice{"cross-entropy"};
  return macs(make_computation(network, update, false).graph);
}

}  // namespace convscope

#include "convscope/api/describe.h"

#include <algorithm>
#include <map>
#include <set>

#include "convscope/api/provenance.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/models/architecture/write.h"
#include "convscope/models/file_model.h"
#include "convscope/nn/perturb.h"

namespace convscope {

namespace {

std::vector<int64_t> of_one_image(const Shape& s) {
  const auto extents = s.extents();
  return {extents.begin() + (extents.empty() ? 0 : 1), extents.end()};
}

std::vector<LayerFacts> layers_of(const Graph& graph) {
  std::vector<LayerFacts> all;
  std::set<int> counted;  // a shared parameter belongs to its first reader
  for (const Node& node : graph.nodes()) {
    if (node.inputs.empty()) continue;
    LayerFacts layer{node.name, std::string(node.op->kind()), of_one_image(node.shapes.front())};
    for (const Value v : node.inputs) {
      const auto* parameter = as<ParameterOp>(*graph.node(v).op);
      if (parameter && parameter->get().trained && counted.insert(v.node).second) layer.parameters += graph.shape(v).size();
    }
    layer.macs = macs(graph, node);
    all.push_back(std::move(layer));
  }
  return all;
}

std::unique_ptr<Program> compiled(const Network& network, Purpose purpose, int64_t batch, const Execution& execution) {
  Request request;
  request.purpose = purpose;
  request.precision = execution.precision;
  request.engine = execution.engine;
  request.batch = batch;
  if (purpose == Purpose::explain) {
    request.objective = Choice{"pick"};
    request.gradients = {std::string(kPixels)};
  }
  if (purpose == Purpose::train) request.objective = Choice{"cross-entropy"};
  return compile(network.graph, network.weights(), request);
}

ProgramMemory memory_of(const Network& network, const Program& program) {
  const MemoryUse use = program.memory();
  int64_t weights = 0;
  for (const auto& [name, tensor] : network.tensors) weights += tensor.size() * static_cast<int64_t>(sizeof(float));
  return {weights, use.arena, use.prepared, use.gradients, weights + use.total()};
}

std::vector<KernelUse> kernels_of(const Program& program) {
  std::map<std::string, int64_t> steps;
  for (const std::string& kernel : program.kernels()) ++steps[kernel];
  std::vector<KernelUse> uses;
  for (const auto& [kernel, count] : steps) uses.push_back({kernel, count});
  std::ranges::stable_sort(uses, std::ranges::greater(), &KernelUse::steps);
  return uses;
}

}  // namespace

Description describe(const Network& network, int64_t batch, const Setting& setting) {
  require_use(batch >= 1, "`batch` {}: at least 1 was wanted", batch);
  Description d;
  d.came_from(provenance_of(network, {{"batch", batch}}, setting));
  const Shape image = network.image();
  d.image.assign(image.extents().begin(), image.extents().end());
  d.classes = network.outputs();
  d.parameters = parameter_count(network.graph);
  d.masks = mask_count(network.graph);
  d.training_macs = training_macs(network.graph);
  d.batch = batch;
  d.layers = layers_of(network.graph);
  for (const LayerFacts& layer : d.layers) d.macs += layer.macs;
  const auto look = [&](Purpose purpose, ProgramMemory& memory, std::vector<KernelUse>& kernels) {
    const auto program = compiled(network, purpose, batch, setting.execution);
    memory = memory_of(network, *program);
    kernels = kernels_of(*program);
  };
  look(Purpose::predict, d.memory.predict, d.kernels.predict);
  look(Purpose::explain, d.memory.explain, d.kernels.explain);
  look(Purpose::train, d.memory.train, d.kernels.train);
  return d;
}

std::string architecture_text(const std::string& what, const NetworkOptions& options, const Network& network) {
  const bool fresh = options.model.empty() && network.file.empty() && network.run.empty();
  const auto model = fresh ? model_named(what) : nullptr;
  const auto* file = dynamic_cast<const ArchitectureModel*>(model.get());
  Architecture a = file ? file->architecture() : architecture_of(network.graph, network.name.empty() ? what : network.name);
  const Shape image = network.image();
  a.image = {image[0], image[1], image[2]};
  a.classes = network.outputs();
  if (a.summary.empty()) a.summary = network.name;
  return text_of(a);
}

}  // namespace convscope

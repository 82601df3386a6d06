#include "convscope/cli/commands/describe.h"

#include <set>

#include "convscope/cli/output.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/nn/perturb.h"
#include "convscope/results/description.h"

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
    std::vector<Shape> in;
    for (const Value v : node.inputs) {
      in.push_back(graph.shape(v));
      const auto* parameter = as<ParameterOp>(*graph.node(v).op);
      if (parameter && parameter->get().trained && counted.insert(v.node).second) layer.parameters += graph.shape(v).size();
    }
    layer.macs = node.op->macs(in, node.shapes);
    all.push_back(std::move(layer));
  }
  return all;
}

ProgramMemory memory_of(const Network& network, Purpose purpose, int64_t batch, Precision precision) {
  Request request;
  request.purpose = purpose;
  request.precision = precision;
  request.batch = batch;
  if (purpose == Purpose::explain) {
    request.objective = Choice{"pick"};
    request.gradients = {std::string(kPixels)};
  }
  if (purpose == Purpose::train) request.objective = Choice{"cross-entropy"};
  const MemoryUse use = compile(network.graph, network.weights(), request)->memory();
  int64_t weights = 0;
  for (const auto& [name, tensor] : network.tensors) weights += tensor.size() * static_cast<int64_t>(sizeof(float));
  return {weights, use.arena, use.prepared, use.gradients, weights + use.total()};
}

std::string shown(const Description& d) {
  TextTable table({"layer", "kind", "output", "parameters", "multiply-adds"}, {3, 4});
  const auto number = [](int64_t n) { return n == 0 ? std::string() : grouped(n); };
  for (const LayerFacts& l : d.layers)
    table.row({l.name, l.kind, fmt::format("{}", fmt::join(l.shape, " × ")), number(l.parameters), number(l.macs)});
  table.row({"total", "", "", grouped(d.parameters), grouped(d.macs)});
  if (d.masks > 0) table.row({"numbers in masks, not trained", "", "", grouped(d.masks), ""});
  TextTable memory({fmt::format("memory at batch {}", d.batch), "total", "weights", "activations", "weights' copies", "gradients"},
                   {1, 2, 3, 4, 5});
  for (const auto& [purpose, use] : {std::pair{"predict", d.memory.predict}, {"explain", d.memory.explain}, {"train", d.memory.train}})
    memory.row({fmt::format("  {}", purpose), bytes_text(use.total), bytes_text(use.weights), bytes_text(use.arena),
                bytes_text(use.prepared), bytes_text(use.gradients)});
  return fmt::format("{}: pictures {}, {} classes\n\n{}\n{}", d.network.empty() ? "network" : d.network, fmt::join(d.image, " × "),
                     d.classes, table.text(), memory.text());
}

}  // namespace

void DescribeCommand::declare(Flags& flags) {
  flags.argument("NET|MODEL", what_, fmt::format("{}; or a model's name with its options", kNetworkArgument));
  flags.fields(foreign_);
  flags.fields(options_);
}

ExitStatus DescribeCommand::run(const Session& session) {
  require(options_.batch >= 1, "--batch {}: at least 1 was wanted", options_.batch);
  const Precision precision = precision_of(session.common.precision);
  const Network network = open_or_make_network(what_.front(), foreign_, static_cast<uint64_t>(session.common.seed));
  Description d;
  d.network = network.name;
  const Shape image = network.image();
  d.image.assign(image.extents().begin(), image.extents().end());
  d.classes = network.outputs();
  d.parameters = parameter_count(network.graph);
  d.masks = mask_count(network.graph);
  d.batch = options_.batch;
  d.layers = layers_of(network.graph);
  for (const LayerFacts& layer : d.layers) d.macs += layer.macs;
  d.memory = {memory_of(network, Purpose::predict, options_.batch, precision),
              memory_of(network, Purpose::explain, options_.batch, precision),
              memory_of(network, Purpose::train, options_.batch, precision)};

  if (session.common.json) {
    print_json(fields_to_json(d));
  } else {
    print(shown(d));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> DescribeCommand::json_keys() const { return help<Description>(); }

}  // namespace convscope

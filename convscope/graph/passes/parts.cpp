#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/passes/rewrite.h"

namespace convscope {

namespace {

constexpr std::string_view kReference = "/reference";

std::shared_ptr<const Op> input_like(const Shape& shape) {
  return std::make_shared<InputOp>(InputOptions{{shape.extents().begin(), shape.extents().end()}});
}

}  // namespace

Graph with_reference(const Graph& graph) {
  Graph out = graph;
  const Value pixels = out.at(kPixels);
  std::map<int, int> twin{{pixels.node, out.add(std::string(kBaseline), input_like(graph.shape(pixels)), {}).node}};
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node& node = graph.node(i);
    std::vector<Value> inputs = node.inputs;
    bool depends = false;
    for (Value& v : inputs)
      if (const auto it = twin.find(v.node); it != twin.end()) {
        v.node = it->second;
        depends = true;
      }
    if (depends) twin[i] = out.add(node.name + std::string(kReference), node.op, std::move(inputs)).node;
  }
  return out;
}

Value reference_of(const Graph& graph, Value v) {
  const std::string& name = graph.node(v).name;
  const auto twin = graph.find(name == kPixels ? std::string(kBaseline) : name + std::string(kReference));
  return twin ? Value{twin->node, v.output} : v;
}

Graph from_node(const Graph& graph, std::string_view node) {
  const Value cut = graph.at(node);
  Rewrite at(graph);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    if (i == cut.node)
      at.put(i, at.to.add(graph.node(i).name, input_like(graph.shape(cut)), {}));
    else
      at.keep(i);
  }
  return std::move(at).finish();
}

}  // namespace convscope

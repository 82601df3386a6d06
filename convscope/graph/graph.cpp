#include "convscope/graph/graph.h"

#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/graph/ops/leaf.h"

namespace convscope {

namespace {

constexpr size_t kMaxNodes = 100'000;
/** In one result: more than a machine holds. A file's options could otherwise ask for any amount of memory. */
constexpr int64_t kMaxNumbers = int64_t{1} << 40;

/** The nearest few, since a network has hundreds. */
std::string nearest_names(std::string_view given, const std::vector<Node>& nodes) {
  std::vector<std::pair<int, std::string>> scored;
  for (const Node& node : nodes) {
    const bool inside = node.name.find(given) != std::string::npos;
    scored.emplace_back(inside ? 0 : edit_distance(given, node.name), node.name);
  }
  std::stable_sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> near;
  for (size_t i = 0; i < std::min<size_t>(5, scored.size()); ++i) near.push_back(scored[i].second);
  return join(near, ", ");
}

}  // namespace

Value Graph::add(std::string name, std::shared_ptr<const Op> op, std::vector<Value> inputs) {
  require(!name.empty() && name.find(':') == std::string::npos, "'{}' cannot name a node: it is empty or has a colon", name);
  require(!by_name_.contains(name), "two nodes are named '{}'", name);
  std::vector<Shape> shapes;
  for (const Value v : inputs) {
    require(v.node >= 0 && v.node < static_cast<int>(nodes_.size()) && v.output >= 0 && v.output < static_cast<int>(node(v).shapes.size()),
            "{} '{}': an input that does not exist", op->kind(), name);
    shapes.push_back(shape(v));
  }
  std::vector<Shape> out;
  try {
    out = op->shapes(shapes);
    for (const Shape& y : out)
      require(y.size() <= kMaxNumbers, "its result {} has {} numbers; at most {} are made room for, look at its options", y, y.size(),
              kMaxNumbers);
  } catch (const Error& e) {
    fail("{} '{}': {}", op->kind(), name, e.what());
  }
  const int index = static_cast<int>(nodes_.size());
  by_name_[name] = index;
  nodes_.push_back({std::move(name), std::move(op), std::move(inputs), std::move(out)});
  return {index, 0};
}

std::string Graph::free_name(std::string_view name) const {
  std::string free(name);
  for (int i = 2; by_name_.contains(free); ++i) free = fmt::format("{}.{}", name, i);
  return free;
}

std::optional<Value> Graph::find(std::string_view name) const {
  if (const auto it = by_name_.find(name); it != by_name_.end()) return Value{it->second, 0};
  const size_t colon = name.rfind(':');
  if (colon == std::string_view::npos || name.size() != colon + 2) return std::nullopt;
  const auto it = by_name_.find(name.substr(0, colon));
  const int index = name.back() - '0';
  if (it == by_name_.end() || index < 0 || index >= static_cast<int>(node(it->second).shapes.size())) return std::nullopt;
  return Value{it->second, index};
}

Value Graph::at(std::string_view name) const {
  const auto value = find(name);
  require(value.has_value(), "no node '{}' in the network; the nearest are {}", name, value ? "" : nearest_names(name, nodes_));
  return *value;
}

std::string Graph::name(Value v) const { return v.output == 0 ? node(v).name : fmt::format("{}:{}", node(v).name, v.output); }

std::vector<std::vector<int>> Graph::readers() const {
  std::vector<std::vector<int>> all(nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i)
    for (const Value v : nodes_[i].inputs) all[static_cast<size_t>(v.node)].push_back(static_cast<int>(i));
  return all;
}

Graph with_batch(const Graph& graph, int64_t n) {
  require(n >= 1, "a batch of {} images; at least 1 is needed", n);
  Graph out;
  for (const Node& node : graph.nodes()) {
    std::shared_ptr<const Op> op = node.op;
    if (const auto* input = as<InputOp>(*op)) {
      InputOptions options = input->get();
      options.shape.at(0) = n;
      op = std::make_shared<InputOp>(options);
    }
    out.add(node.name, std::move(op), node.inputs);
  }
  out.output = graph.output;
  out.updates = graph.updates;
  return out;
}

Json to_json(const Graph& graph) {
  require(graph.updates.empty(), "a graph made for training is not written; the network it was made from is");
  Json nodes = json_list();
  for (const Node& node : graph.nodes()) {
    Json inputs = json_list();
    for (const Value v : node.inputs) inputs.push_back(graph.name(v));
    nodes.push_back({{"name", node.name}, {"op", node.op->kind()}, {"options", node.op->options()}, {"inputs", inputs}});
  }
  return {{"nodes", nodes}, {"output", graph.name(graph.output)}};
}

Graph graph_from_json(const Json& j, std::string_view whose) {
  require(j.is_object() && j.contains("nodes") && j["nodes"].is_array() && j.contains("output") && j["output"].is_string(),
          "{}: not a network: an object with nodes and output was wanted", whose);
  require(j["nodes"].size() <= kMaxNodes, "{}: {} nodes; at most {} are read", whose, j["nodes"].size(), kMaxNodes);
  Graph graph;
  for (const Json& n : j["nodes"]) {
    require(n.is_object() && n.contains("name") && n["name"].is_string() && n.contains("op") && n["op"].is_string() &&
                n.contains("inputs") && n["inputs"].is_array(),
            "{}: node {} lacks name, op or inputs", whose, graph.nodes().size());
    std::vector<Value> inputs;
    for (const Json& input : n["inputs"]) {
      require(input.is_string(), "{}: node '{}' has an input that is not a name", whose, n["name"].get<std::string>());
      const auto value = graph.find(input.get<std::string>());
      require(value.has_value(), "{}: node '{}' reads '{}', which does not stand before it", whose, n["name"].get<std::string>(),
              input.get<std::string>());
      inputs.push_back(*value);
    }
    try {
      graph.add(n["name"].get<std::string>(), ops().make(n["op"].get<std::string>(), n.value("options", json_object())), inputs);
    } catch (const Error& e) {
      fail("{}: {}", whose, e.what());
    }
  }
  const auto output = graph.find(j["output"].get<std::string>());
  require(output.has_value(), "{}: the output '{}' is no node", whose, j["output"].get<std::string>());
  graph.output = *output;
  return graph;
}

std::vector<ParameterInfo> parameters(const Graph& graph) {
  std::vector<ParameterInfo> all;
  for (const Node& node : graph.nodes())
    if (const auto* p = as<ParameterOp>(*node.op)) all.push_back({node.name, node.shapes[0], p->get().trained, p->get().init});
  return all;
}

int64_t parameter_count(const Graph& graph) {
  int64_t count = 0;
  for (const ParameterInfo& p : parameters(graph)) count += p.trained ? p.shape.size() : 0;
  return count;
}

int64_t macs(const Graph& graph, const Node& node) {
  std::vector<Shape> in;
  for (const Value v : node.inputs) in.push_back(graph.shape(v));
  return node.op->macs(in, node.shapes);
}

int64_t macs(const Graph& graph) {
  int64_t sum = 0;
  for (const Node& node : graph.nodes()) sum += macs(graph, node);
  return sum;
}

}  // namespace convscope

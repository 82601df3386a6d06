#include "convscope/inspect/activations/layers.h"

#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/base/nearest.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/reshape.h"

namespace convscope {

namespace {

bool is_activation(const Node& node) {
  return as<PReluOp>(*node.op) || as<RReluOp>(*node.op) || dynamic_cast<const HasActivation*>(node.op.get()) != nullptr;
}

bool has_filters(const Node& node) { return as<Conv2dOp>(*node.op) || as<LinearOp>(*node.op); }

/** Nodes that the pixels reach, statistics of batch norm left out. */
std::vector<char> layers(const Graph& graph) {
  std::vector<char> reached(graph.nodes().size());
  for (size_t i = 0; i < reached.size(); ++i) {
    const Node& node = graph.node(static_cast<int>(i));
    reached[i] = node.name == kPixels || std::any_of(node.inputs.begin(), node.inputs.end(),
                                                     [&](Value v) { return v.output == 0 && reached[static_cast<size_t>(v.node)] != 0; });
  }
  return reached;
}

/** The last layer with filters that a node's numbers come through; −1 where there is none. */
int filters_before(const Graph& graph, int at) {
  std::vector<int> last(static_cast<size_t>(at) + 1, -1);
  for (int i = 0; i <= at; ++i) {
    const Node& node = graph.node(i);
    for (const Value v : node.inputs)
      last[static_cast<size_t>(i)] = std::max(last[static_cast<size_t>(i)], last[static_cast<size_t>(v.node)]);
    if (has_filters(node)) last[static_cast<size_t>(i)] = i;
  }
  return last[static_cast<size_t>(at)];
}

}  // namespace

std::vector<std::string> layers_with_weights(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes())
    if (has_filters(node) && as<ParameterOp>(*graph.node(node.inputs[1]).op)) names.push_back(node.name);
  return names;
}

Filters filters_of(const Graph& graph, std::string_view layer) {
  const std::vector<std::string> known = layers_with_weights(graph);
  for (size_t i = 0; i < known.size(); ++i) {
    const Node& node = graph.node(graph.at(known[i]));
    const std::string parameter = graph.name(node.inputs[1]);
    if (layer != known[i] && layer != parameter) continue;
    Filters filters{known[i], parameter, graph.shape(node.inputs[1]), filters_before(graph, node.inputs[0].node) < 0, i};
    if (filters.shape.rank() == 4) return filters;
    Value from = node.inputs[0];
    if (as<FlattenOp>(*graph.node(from).op)) from = graph.node(from).inputs[0];
    const Shape& picture = graph.shape(from);
    require(picture.rank() == 4, "layer '{}' has weights {} for a row of numbers: there is no picture in them{}", known[i], filters.shape,
            known_names("", known));
    filters.shape = {filters.shape[0], picture[1], picture[2], picture[3]};
    return filters;
  }
  fail("no layer '{}' that has filters of its own{}", layer, known_names(layer, known));
}

std::string answer_of_convolution(const Graph& graph, Which which) {
  int conv = -1;
  for (size_t i = 0; i < graph.nodes().size(); ++i)
    if (as<Conv2dOp>(*graph.nodes()[i].op) && (which == Which::last || conv < 0)) conv = static_cast<int>(i);
  require(conv >= 0, "the network has no convolution; name a node with `node`, as `convscope describe` lists them");
  // In the order of the graph, as far as the next layers with filters.
  std::vector<char> behind(graph.nodes().size());
  behind[static_cast<size_t>(conv)] = 1;
  for (size_t i = static_cast<size_t>(conv) + 1; i < behind.size(); ++i) {
    const Node& node = graph.nodes()[i];
    const bool reads =
        std::any_of(node.inputs.begin(), node.inputs.end(), [&](Value v) { return behind[static_cast<size_t>(v.node)] != 0; });
    if (!reads || has_filters(node)) continue;
    if (is_activation(node)) return node.name;
    behind[i] = 1;
  }
  return graph.node(conv).name;
}

std::string require_layer(const Graph& graph, std::string_view node) {
  const std::vector<char> made_of_pixels = layers(graph);
  std::vector<std::string> known;
  for (size_t i = 0; i < made_of_pixels.size(); ++i)
    if (made_of_pixels[i]) known.push_back(graph.nodes()[i].name);
  const auto found = graph.find(node);
  if (found && made_of_pixels[static_cast<size_t>(found->node)]) return graph.name(*found);
  const std::string meant = nearest(node, known);
  require(!found, "'{}' is not made of the pixels; a layer was wanted, as `convscope describe` lists them{}", node,
          meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant));
  fail("no layer '{}'{}", node, known_names(node, known));
}

std::string where_in_network(const Graph& graph, std::string_view name) {
  const int at = graph.at(name).node;
  const Node& node = graph.node(at);
  if (node.name == kPixels) return "the pixels";
  std::string text(node.op->kind());
  if (const int filters = filters_before(graph, at); filters >= 0 && filters != at) text += " behind " + graph.node(filters).name;
  std::vector<std::string> next;
  for (const Node& reader : graph.nodes())
    if (std::find(reader.inputs.begin(), reader.inputs.end(), Value{at, 0}) != reader.inputs.end()) next.push_back(reader.name);
  if (!next.empty()) text += fmt::format(", before {}", join(next, " and "));
  return text;
}

}  // namespace convscope

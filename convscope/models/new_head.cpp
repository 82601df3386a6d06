#include "convscope/models/new_head.h"

#include <algorithm>

#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/reshape.h"

namespace convscope {

namespace {

constexpr std::string_view kTwoClasses = "two-classes";

bool is_layer(const Graph& network, const Node& node) {
  if (as<LinearOp>(*node.op)) return true;
  const auto* conv = as<Conv2dOp>(*node.op);
  if (!conv || conv->get().groups != 1) return false;
  const Shape& weight = network.shape(node.inputs[1]);
  return weight[2] == 1 && weight[3] == 1;
}

/** Where the answer stands, without what makes two classes of one number. */
Value answer_of(const Graph& network) {
  const Node& last = network.node(network.output);
  return last.name.starts_with(kTwoClasses) && as<ZeroPadChannelsOp>(*last.op) ? last.inputs[0] : network.output;
}

/** The last layer: behind it stands only what keeps classes apart. */
int last_layer(const Graph& network) {
  constexpr std::string_view kPassing[] = {"flatten", "unflatten", "identity", "relu", "global-avg-pool", "dropout", "drop-images"};
  for (int at = answer_of(network).node;;) {
    const Node& node = network.node(at);
    if (is_layer(network, node)) return at;
    require(std::find(std::begin(kPassing), std::end(kPassing), node.op->kind()) != std::end(kPassing),
            "it ends in '{}', {}; a network that ends in a linear layer or a 1×1 convolution can tell other classes apart", node.name,
            node.op->kind());
    at = node.inputs[0].node;
  }
}

std::string parameter_name(const Graph& network, Value v) {
  const Node& node = network.node(v);
  require(as<ParameterOp>(*node.op), "its last layer's weight '{}' is computed", node.name);
  return node.name;
}

bool has_bias(const Op& op) {
  const auto* linear = as<LinearOp>(op);
  return linear ? linear->get().bias : as<Conv2dOp>(op)->get().bias;
}

}  // namespace

Head head_of(const Graph& network) {
  const Node& layer = network.node(last_layer(network));
  return {parameter_name(network, layer.inputs[1]), has_bias(*layer.op) ? parameter_name(network, layer.inputs[2]) : ""};
}

Graph with_classes(const Graph& network, int64_t classes) {
  const int64_t before = network.shape(answer_of(network))[1];
  const bool two = answer_of(network) != network.output;
  if (before == classes && !two) return network;
  const int layer = last_layer(network);
  const Head head = head_of(network);
  Graph made;
  std::vector<int> places;  // of the old nodes
  for (int i = 0; i < static_cast<int>(network.nodes().size()); ++i) {
    const Node& node = network.node(i);
    if (two && i == network.output.node) continue;
    std::shared_ptr<const Op> op = node.op;
    if (head.has(node.name)) {
      ParameterOptions o = as<ParameterOp>(*node.op)->get();
      o.shape[0] = classes;
      o.init = node.name == head.weight ? "pytorch" : "zeros";
      o.trained = true;
      op = std::make_shared<ParameterOp>(o);
    } else if (const auto* unflatten = as<UnflattenOp>(*node.op); unflatten && i > layer) {
      UnflattenOptions o = unflatten->get();
      o.features[0] = classes;
      op = std::make_shared<UnflattenOp>(o);
    }
    std::vector<Value> inputs;
    for (const Value v : node.inputs) inputs.push_back({places.at(static_cast<size_t>(v.node)), v.output});
    places.resize(static_cast<size_t>(i) + 1, -1);
    places[static_cast<size_t>(i)] = made.add(node.name, std::move(op), std::move(inputs)).node;
  }
  const Value answer = answer_of(network);
  made.output = {places[static_cast<size_t>(answer.node)], answer.output};
  require(made.shape(made.output)[1] == classes,
          "its last layer '{}' has planes of its own; a layer of {} classes in its place gives {} numbers", network.node(layer).name,
          classes, made.shape(made.output)[1]);
  return made;
}

}  // namespace convscope

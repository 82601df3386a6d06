#include "convscope/graph/rules/gates.h"

#include <algorithm>

#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/identity.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/unary.h"

namespace convscope {

namespace {

bool is_leaf(const Node& node) { return node.inputs.empty(); }

bool is_unary(const Op& op) {
  bool any = false;
  each_unary([&]<typename T>() { any = any || as<T>(op) != nullptr; });
  return any;
}

/** Ops that make each number of one number of each input. */
bool is_elementwise(const Op& op) {
  return dynamic_cast<const HasActivation*>(&op) || is_unary(op) || as<AffineOp>(op) || as<AddOp>(op) || as<MultiplyOp>(op) ||
         as<IdentityOp>(op);
}

/** Where a value comes from behind scales and shifts. */
Value behind_affine(const Graph& graph, Value v) {
  while (as<AffineOp>(*graph.node(v).op) || as<IdentityOp>(*graph.node(v).op)) v = graph.node(v).inputs[0];
  return v;
}

/** Whether `v` is made, among others, of what `source` gives. */
bool depends(const Graph& graph, Value v, Value source) {
  std::vector<bool> reached(static_cast<size_t>(std::max(v.node, source.node)) + 1, false);
  reached[static_cast<size_t>(v.node)] = true;
  for (int i = v.node; i > source.node; --i)
    if (reached[static_cast<size_t>(i)])
      for (const Value in : graph.node(i).inputs) reached[static_cast<size_t>(in.node)] = true;
  return v.node > source.node && reached[static_cast<size_t>(source.node)];
}

bool squashes(const Op& op) { return as<SigmoidOp>(op) || as<ClampOp>(op); }

/** Walks from the gate back over elementwise ops; `own` stays where nothing but the signal is found at their ends. */
void walk(const Graph& graph, Value v, Value signal, Gate& gate) {
  const Node& node = graph.node(v);
  if (v == signal || is_leaf(node)) return;
  if (!is_elementwise(*node.op)) {
    gate.own = false;
    return;
  }
  if (std::find(gate.parts.begin(), gate.parts.end(), v.node) != gate.parts.end()) return;
  gate.parts.push_back(v.node);
  const size_t data = as<AffineOp>(*node.op) ? 1 : node.inputs.size();  // scale and shift are constants
  for (size_t i = 0; i < data; ++i) walk(graph, node.inputs[i], signal, gate);
}

}  // namespace

std::optional<Gate> gate_of(const Graph& graph, int multiply) {
  const std::vector<Value>& in = graph.node(multiply).inputs;
  const std::array<Value, 2> roots{behind_affine(graph, in[0]), behind_affine(graph, in[1])};
  const bool first_of_second = depends(graph, in[0], roots[1]), second_of_first = depends(graph, in[1], roots[0]);
  const bool channels = graph.shape(in[0]) != graph.shape(in[1]);
  Gate gate;
  if (first_of_second != second_of_first) {
    gate.gate = second_of_first ? 1 : 0;
  } else if (channels) {
    gate.gate = 1;
  } else if (squashes(*graph.node(roots[0]).op) != squashes(*graph.node(roots[1]).op)) {
    gate.gate = squashes(*graph.node(roots[1]).op) ? 1 : 0;
  } else {
    return std::nullopt;
  }
  gate.signal = 1 - gate.gate;
  gate.own = !channels;
  walk(graph, in[gate.gate], roots[gate.signal], gate);
  return gate;
}

bool shapes_a_gate(const Graph& graph, int node) {
  for (int i = node + 1; i < static_cast<int>(graph.nodes().size()); ++i) {
    if (!as<MultiplyOp>(*graph.node(i).op)) continue;
    const auto gate = gate_of(graph, i);
    if (gate && std::find(gate->parts.begin(), gate->parts.end(), node) != gate->parts.end()) return true;
  }
  return false;
}

}  // namespace convscope

#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>

#include "convscope/graph/op.h"

namespace convscope {

/** One output of one node. */
struct Value {
  int node = -1;
  int output = 0;
  auto operator<=>(const Value&) const = default;
};

struct Node {
  std::string name;  // unique; parameters by their path ("layer1.0.conv1.weight")
  std::shared_ptr<const Op> op;
  std::vector<Value> inputs;
  std::vector<Shape> shapes;  // of its outputs
};

/**
 * A network as a static graph. Nodes stand in an order in which they can be run; nothing in it changes once it is there: a pass
 * returns a new graph. It is made for one batch size; `with_batch` makes the same for another.
 */
class Graph {
 public:
  /** Appends a node; shapes are inferred, and an error names the node. */
  Value add(std::string name, std::shared_ptr<const Op> op, std::vector<Value> inputs);
  /** `name`, or `name.2`, `name.3`, … where it is taken. */
  std::string free_name(std::string_view name) const;

  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& node(Value v) const { return nodes_[static_cast<size_t>(v.node)]; }
  const Node& node(int index) const { return nodes_[static_cast<size_t>(index)]; }
  const Shape& shape(Value v) const { return node(v).shapes[static_cast<size_t>(v.output)]; }

  /** By name; `name:1` is the second output. */
  std::optional<Value> find(std::string_view name) const;
  /** Likewise; the error shows the nearest names. */
  Value at(std::string_view name) const;
  std::string name(Value v) const;

  /** Which nodes read each node's outputs, in order, once for each reading. */
  std::vector<std::vector<int>> readers() const;

  /** The network's answer, [N, Y] logits; node −1 where a pass left it out. */
  Value output;
  /** What a training step writes back: parameter ← value, when the step has run (running statistics). */
  std::vector<std::pair<std::string, Value>> updates;

 private:
  std::vector<Node> nodes_;
  std::map<std::string, int, std::less<>> by_name_;
};

/** The same network for `n` images at once. */
Graph with_batch(const Graph& graph, int64_t n);

/** What is in a file: nodes with kinds, options and inputs by name, and the output. */
Json to_json(const Graph& graph);
/** Checks all it reads; `whose` opens the messages. */
Graph graph_from_json(const Json& j, std::string_view whose);

/** A parameter node's facts. */
struct ParameterInfo {
  std::string name;
  Shape shape;
  bool trained = true;  // false: statistics, written by updates
  std::string init;     // an initialiser and its options, "he-normal,mode=fan-out"
};
std::vector<ParameterInfo> parameters(const Graph& graph);
/** Numbers in the trained parameters. */
int64_t parameter_count(const Graph& graph);
/** Multiply-adds of a node, and of all of them. */
int64_t macs(const Graph& graph, const Node& node);
int64_t macs(const Graph& graph);

/** Name of the node that takes the pictures, and of the one that takes the labels in losses. */
inline constexpr std::string_view kPixels = "pixels";
inline constexpr std::string_view kLabels = "labels";

}  // namespace convscope

#pragma once

#include <functional>

#include "convscope/graph/graph.h"

namespace convscope {

/** Where an op writes its gradient: the node in question, the gradient that came down, and the place for what goes on down. */
class GradientSite {
 public:
  GradientSite(Graph& graph, int node, std::vector<std::optional<Value>> upstream, std::vector<bool> wanted)
      : graph_(graph), node_(node), upstream_(std::move(upstream)), wanted_(std::move(wanted)), given_(wanted_.size()) {}

  /** The graph as it grows, and the node in it: for rules that look around. */
  Graph& graph() { return graph_; }
  int node() const { return node_; }
  size_t inputs() const { return wanted_.size(); }
  Value in(size_t i) const { return graph_.node(node_).inputs[i]; }
  Value out(int i = 0) const { return {node_, i}; }
  const Shape& shape(Value v) const { return graph_.shape(v); }

  /** Gradient of the objective for output `i`; the outputs without one do not reach the objective. */
  std::optional<Value> upstream(size_t i) const { return upstream_[i]; }
  /** For ops whose first output alone has a gradient. */
  Value upstream() const;
  /** Whether somebody asked for the gradient of input `i`. */
  bool wanted(size_t i) const { return wanted_[i]; }

  /** A node of the gradient, named after this node: `conv1` and "backward-data" give `conv1/backward-data`. */
  Value add(std::string_view suffix, std::shared_ptr<const Op> op, std::vector<Value> inputs);
  /** The gradient for input `i`. */
  void give(size_t i, Value gradient) { given_[i] = gradient; }
  const std::vector<std::optional<Value>>& given() const { return given_; }

  /** Gives what the node's own gradient makes of another upstream. */
  void give_own(Value upstream);
  /** What comes down to input `i` of any node when `upstream` comes down to it, by that node's own gradient. */
  Value pull(Value through, Value upstream, size_t i = 0);
  /** A value besides the gradients, which the program gives under that name; of the same name it is their sum. */
  void note(std::string name, Value v) { notes_.emplace_back(std::move(name), v); }
  const std::vector<std::pair<std::string, Value>>& notes() const { return notes_; }

 private:
  Graph& graph_;
  int node_;
  std::vector<std::optional<Value>> upstream_;
  std::vector<bool> wanted_;
  std::vector<std::optional<Value>> given_;
  std::vector<std::pair<std::string, Value>> notes_;
};

/** Another gradient for a kind of op than its own: guided backpropagation, layer-wise relevance, … */
using Rule = std::function<void(const Op&, GradientSite&)>;
using Rules = std::map<std::string, Rule, std::less<>>;  // op kind → rule

/** A way back through a network other than the gradient's. */
struct Ruling {
  std::string name;  // by which programs are told apart: one name, one set of rules
  Rules rules;
  bool folded = false;     // batch norm goes into its convolution first
  bool reference = false;  // the rules compare with a baseline (graph/passes.h)
};

/** What rules note besides the gradients. */
using Notes = std::map<std::string, Value, std::less<>>;

/**
 * Appends to `graph` the nodes that compute ∂objective/∂v for each v of `wanted`. `objective` has one element.
 * Returns one value for each of `wanted`, in order; an error where the objective does not depend on it.
 */
std::vector<Value> differentiate(Graph& graph, Value objective, std::span<const Value> wanted, const Rules& rules = {},
                                 Notes* notes = nullptr);

}  // namespace convscope

#pragma once

/** What the tests of graphs share; not installed. */

#include <map>
#include <string>
#include <vector>

#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/leaf.h"

namespace convscope::testing_graph {

/** What every node of a graph makes, node by node. */
using Outputs = std::vector<std::vector<Tensor>>;

inline const Tensor& in(const Outputs& outputs, Value v) { return outputs[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)]; }

/** Runs all nodes in order by the ops' own loops. `fed`, by name, fills inputs and parameters; all of them must be in it. */
inline Outputs walk(const Graph& graph, const std::map<std::string, Tensor>& fed, const RunContext& context = {}) {
  Outputs all;
  for (const Node& node : graph.nodes()) {
    std::vector<Tensor> made;
    for (const Shape& shape : node.shapes) made.emplace_back(shape);
    if (as<InputOp>(*node.op) || as<ParameterOp>(*node.op)) {
      made[0] = fed.at(node.name);
      require(made[0].shape() == node.shapes[0], "'{}' is fed {}, it is {}", node.name, made[0].shape(), node.shapes[0]);
    } else {
      std::vector<const Tensor*> from;
      for (const Value v : node.inputs) from.push_back(&in(all, v));
      std::vector<Tensor*> to;
      for (Tensor& t : made) to.push_back(&t);
      node.op->run(from, to, context);
    }
    all.push_back(std::move(made));
  }
  return all;
}

/** An op alone: input nodes 0, 1, …, the op, an input `upstream` that comes down to its first output, and its gradient. */
class LoneOp {
 public:
  /** `wanted`: of which inputs the gradient is asked for; with none, it is not asked for at all. */
  LoneOp(std::shared_ptr<const Op> op, const std::vector<Shape>& inputs, const std::vector<bool>& wanted) {
    std::vector<Value> values;
    for (const Shape& shape : inputs) values.push_back(add_input(std::to_string(values.size()), shape));
    y_ = graph_.add("op", std::move(op), values);
    bool any = false;
    for (const bool w : wanted) any = any || w;
    if (!any) return;
    std::vector<std::optional<Value>> upstream(graph_.node(y_).shapes.size());
    upstream[0] = add_input("upstream", graph_.shape(y_));
    GradientSite site(graph_, y_.node, upstream, wanted);
    const std::shared_ptr<const Op> held = graph_.node(y_).op;  // adding nodes moves them
    held->gradient(site);
    given_ = site.given();
  }

  const Graph& graph() const { return graph_; }
  const Node& node() const { return graph_.node(y_); }

  /** What the op makes of `inputs`. */
  std::vector<Tensor> run(const std::vector<Tensor>& inputs, const RunContext& context = {}) const {
    return walk(graph_, feeds(inputs, Tensor(graph_.shape(y_))), context)[static_cast<size_t>(y_.node)];
  }

  /** The gradient of Σ upstream · y for input `i`. */
  Tensor gradient(size_t i, const std::vector<Tensor>& inputs, const Tensor& upstream, const RunContext& context = {}) const {
    require(i < given_.size() && given_[i].has_value(), "no gradient was given for input {}", i);
    return in(walk(graph_, feeds(inputs, upstream), context), *given_[i]);
  }

 private:
  Value add_input(const std::string& name, const Shape& shape) {
    const std::vector<int64_t> extents(shape.extents().begin(), shape.extents().end());
    return graph_.add(name, std::make_shared<InputOp>(InputOptions{extents}), {});
  }

  std::map<std::string, Tensor> feeds(const std::vector<Tensor>& inputs, const Tensor& upstream) const {
    std::map<std::string, Tensor> fed{{"upstream", upstream}};
    for (size_t i = 0; i < inputs.size(); ++i) fed[std::to_string(i)] = inputs[i];
    return fed;
  }

  Graph graph_;
  Value y_;
  std::vector<std::optional<Value>> given_;
};

}  // namespace convscope::testing_graph

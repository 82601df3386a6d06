#include <algorithm>

#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/passes/rewrite.h"

namespace convscope {

Graph fold_batch_norm(const Graph& graph, const Names& keep, const Names& apart) {
  Rewrite at(graph);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node& node = graph.node(i);
    const auto* affine = apart.contains(node.op->kind()) ? nullptr : as<AffineOp>(*node.op);
    const Value x = affine ? node.inputs[0] : Value{};
    const Node* before = affine ? &graph.node(x) : nullptr;
    const auto* conv = before ? as<Conv2dOp>(*before->op) : nullptr;
    const auto* linear = before ? as<LinearOp>(*before->op) : nullptr;
    const bool per_channel = affine && graph.shape(node.inputs[1]).rank() == 1;
    const bool bare = (conv && !conv->get().activation && !conv->get().residual) || (linear && !linear->get().activation);
    if (!bare || !per_channel || apart.contains(before->op->kind()) || !at.only_reader(x, keep)) {
      at.keep(i);
      continue;
    }
    const bool bias = conv ? conv->get().bias : linear->get().bias;
    const auto in = at(before->inputs);
    const Value scale = at(node.inputs[1]), shift = at(node.inputs[2]);
    const Value weight = at.to.add(node.name + "/folded-weight", std::make_shared<ScaleFiltersOp>(NoOptions{}), {in[1], scale});
    const Value summand =
        bias ? at.to.add(node.name + "/folded-bias", std::make_shared<ScaleBiasOp>(NoOptions{}), {in[2], scale, shift}) : shift;
    std::vector<Value> inputs{in[0], weight, summand};
    if (affine->get().residual) inputs.push_back(at(node.inputs[3]));
    std::shared_ptr<const Op> folded;
    if (conv) {
      Conv2dOptions options = conv->get();
      options.bias = true;
      options.residual = affine->get().residual;
      options.activation = affine->get().activation;
      folded = std::make_shared<Conv2dOp>(options);
    } else {
      folded = std::make_shared<LinearOp>(LinearOptions{true, affine->get().activation});
    }
    at.put(i, at.to.add(node.name, folded, inputs));
  }
  return prune(std::move(at).finish(), [&] {
    Names roots = keep;
    roots.insert(graph.name(graph.output));
    return roots;
  }());
}

namespace {

/** What may be done in passing by the op before it: an add, or an activation. */
struct Taken {
  bool add = false;
  std::optional<Activation> activation;
};

std::optional<Taken> takeable(const Op& op, const Names& apart) {
  if (apart.contains(op.kind())) return std::nullopt;
  if (as<AddOp>(op)) return Taken{true, {}};
  if (const auto* f = dynamic_cast<const HasActivation*>(&op)) return Taken{false, f->activation()};
  return std::nullopt;
}

/** The same op with that taken in; null where it cannot. */
template <typename T>
std::shared_ptr<const Op> taking(const Op& op, const Taken& taken) {
  const T* t = as<T>(op);
  if (!t || t->get().activation) return nullptr;
  auto options = t->get();
  if constexpr (requires { options.residual; }) {
    if (taken.add && options.residual) return nullptr;
    options.residual = options.residual || taken.add;
  } else if (taken.add) {
    return nullptr;
  }
  options.activation = taken.activation;
  return std::make_shared<T>(options);
}

std::shared_ptr<const Op> taking_any(const Op& op, const Taken& taken, const Names& apart) {
  if (apart.contains(op.kind())) return nullptr;
  for (const auto& fused :
       {taking<Conv2dOp>(op, taken), taking<BatchNormOp>(op, taken), taking<AffineOp>(op, taken), taking<LinearOp>(op, taken)})
    if (fused) return fused;
  return nullptr;
}

/** One step of fusing: each add or activation goes into the node before it where that is allowed. */
Graph fuse_once(const Graph& graph, const Names& keep, const Names& apart, bool& changed) {
  Rewrite at(graph);
  std::vector<bool> moved(graph.nodes().size(), false);  // fused into a later node: it is made there

  // What each add or activation is taken in by: decided first, since that node is then left out.
  std::vector<int> takes(graph.nodes().size(), -1);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node& node = graph.node(i);
    const auto taken = takeable(*node.op, apart);
    if (!taken) continue;
    // Of two candidates the later one: its other summand is then surely there.
    std::vector<Value> candidates = node.inputs;
    std::sort(candidates.begin(), candidates.end(), [](Value a, Value b) { return b < a; });
    for (const Value x : candidates) {
      if (x.output != 0 || moved[static_cast<size_t>(x.node)]) continue;
      if (!at.only_reader(x, keep) || (taken->add && node.inputs[0] == node.inputs[1])) continue;
      if (!taking_any(*graph.node(x).op, *taken, apart)) continue;
      takes[static_cast<size_t>(i)] = x.node;
      moved[static_cast<size_t>(x.node)] = true;
      changed = true;
      break;
    }
  }

  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node& node = graph.node(i);
    if (moved[static_cast<size_t>(i)]) continue;
    const int by = takes[static_cast<size_t>(i)];
    if (by < 0) {
      at.keep(i);
      continue;
    }
    const Node& before = graph.node(by);
    const Taken taken = *takeable(*node.op, apart);
    std::vector<Value> inputs = at(before.inputs);
    if (taken.add) inputs.push_back(at(node.inputs[node.inputs[0].node == by ? 1 : 0]));
    const Value fused = at.to.add(node.name, taking_any(*before.op, taken, apart), inputs);
    at.put(i, fused);
    at.put(by, fused);  // its further outputs (statistics) are found here
  }
  return std::move(at).finish();
}

}  // namespace

Graph fuse_elementwise(const Graph& graph, const Names& keep, const Names& apart) {
  Graph now = graph;
  for (bool changed = true; changed;) {
    changed = false;
    now = fuse_once(now, keep, apart, changed);
  }
  return now;
}

namespace {

/** The same op for two gradients that come down instead of one; null where it is none of these. */
template <typename T>
std::shared_ptr<const Op> with_two_upstreams(const Op& op) {
  const T* t = as<T>(op);
  if (!t || t->get().upstreams != 1) return nullptr;
  auto options = t->get();
  options.upstreams = 2;
  return std::make_shared<T>(options);
}

std::shared_ptr<const Op> any_with_two_upstreams(const Op& op) {
  for (const auto& wider : {with_two_upstreams<ActivationBackwardOp>(op), with_two_upstreams<BatchNormBackwardOp>(op)})
    if (wider) return wider;
  return nullptr;
}

}  // namespace

Graph fuse_gradient_sums(const Graph& graph, const Names& keep) {
  Rewrite at(graph);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node& node = graph.node(i);
    const auto wider = any_with_two_upstreams(*node.op);
    const Value upstream = wider ? node.inputs.back() : Value{};
    if (!wider || !as<AddOp>(*graph.node(upstream).op) || !at.only_reader(upstream, keep)) {
      at.keep(i);
      continue;
    }
    std::vector<Value> inputs = at(node.inputs);
    inputs.pop_back();
    for (const Value part : graph.node(upstream).inputs) inputs.push_back(at(part));
    at.put(i, at.to.add(node.name, wider, inputs));
  }
  return std::move(at).finish();
}

}  // namespace convscope

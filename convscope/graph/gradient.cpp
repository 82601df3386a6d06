#include "convscope/graph/gradient.h"

#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/rules/any_other.h"

namespace convscope {

Value GradientSite::upstream() const {
  require(upstream_[0].has_value(), "node '{}': no gradient reaches its output", graph_.node(node_).name);
  return *upstream_[0];
}

Value GradientSite::add(std::string_view suffix, std::shared_ptr<const Op> op, std::vector<Value> inputs) {
  return graph_.add(graph_.free_name(fmt::format("{}/{}", graph_.node(node_).name, suffix)), std::move(op), std::move(inputs));
}

void GradientSite::give_own(Value upstream) {
  GradientSite own(graph_, node_, {upstream}, wanted_);
  const std::shared_ptr<const Op> op = graph_.node(node_).op;  // adding nodes moves them
  op->gradient(own);
  given_ = own.given_;
}

Value GradientSite::pull(Value through, Value upstream, size_t i) {
  std::vector<bool> wanted(graph_.node(through).inputs.size(), false);
  wanted[i] = true;
  GradientSite other(graph_, through.node, {upstream}, std::move(wanted));
  const std::shared_ptr<const Op> op = graph_.node(through).op;
  op->gradient(other);
  require(other.given_[i].has_value(), "node '{}': no gradient for its input {}", graph_.node(through).name, i);
  return *other.given_[i];
}

std::vector<Value> differentiate(Graph& graph, Value objective, std::span<const Value> wanted, const Rules& rules, Notes* notes) {
  const Shape shape = graph.shape(objective);
  require(shape.size() == 1, "an objective is one number; '{}' is {}", graph.name(objective), shape);
  const int last = objective.node;

  // Which nodes lie between the wanted values and the objective.
  std::vector<bool> needed(static_cast<size_t>(last) + 1, false);
  for (const Value v : wanted)
    if (v.node <= last) needed[static_cast<size_t>(v.node)] = true;
  for (int i = 0; i <= last; ++i)
    for (const Value v : graph.node(i).inputs)
      if (needed[static_cast<size_t>(v.node)]) needed[static_cast<size_t>(i)] = true;

  std::map<Value, Value> gradient;
  const auto sum = [&](const std::string& of, Value a, Value b) {
    return graph.add(graph.free_name(of + "/sum"), std::make_shared<AddOp>(NoOptions{}), {a, b});
  };
  const auto contribute = [&](Value to, Value part) {
    const auto [it, first] = gradient.try_emplace(to, part);
    if (!first) it->second = sum(graph.name({to.node, 0}), it->second, part);
  };
  const std::vector<int64_t> extents(shape.extents().begin(), shape.extents().end());
  gradient[objective] =
      graph.add(graph.free_name(graph.node(objective).name + "/one"), std::make_shared<ConstantOp>(ConstantOptions{extents, 1.0f}), {});

  for (int i = last; i >= 0; --i) {
    if (!needed[static_cast<size_t>(i)]) continue;
    const Node node = graph.node(i);  // a copy: adding nodes moves them
    std::vector<std::optional<Value>> upstream(node.shapes.size());
    bool reached = false;
    for (size_t o = 0; o < upstream.size(); ++o) {
      if (const auto it = gradient.find({i, static_cast<int>(o)}); it != gradient.end()) {
        upstream[o] = it->second;
        reached = true;
      }
    }
    std::vector<bool> wants;
    bool any = false;
    for (const Value v : node.inputs) {
      wants.push_back(needed[static_cast<size_t>(v.node)]);
      any = any || wants.back();
    }
    if (!reached || !any) continue;
    GradientSite site(graph, i, std::move(upstream), std::move(wants));
    auto rule = rules.find(node.op->kind());
    if (rule == rules.end()) rule = rules.find(kAnyOther);
    if (rule != rules.end()) {
      rule->second(*node.op, site);
    } else {
      node.op->gradient(site);
    }
    for (size_t k = 0; k < node.inputs.size(); ++k)
      if (site.given()[k]) contribute(node.inputs[k], *site.given()[k]);
    for (const auto& [name, value] : site.notes()) {
      if (!notes) continue;
      const auto [it, first] = notes->try_emplace(name, value);
      if (!first) it->second = sum(name, it->second, value);
    }
  }

  std::vector<Value> result;
  for (const Value v : wanted) {
    const auto it = gradient.find(v);
    require(it != gradient.end(), "'{}' does not depend on '{}': there is no gradient", graph.name(objective), graph.name(v));
    result.push_back(it->second);
  }
  return result;
}

}  // namespace convscope

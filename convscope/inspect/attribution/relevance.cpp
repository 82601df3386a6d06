#include "convscope/inspect/attribution/relevance.h"

#include <cmath>

#include "convscope/base/text.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/rules/linear_map.h"
#include "convscope/inspect/attribution/rectified.h"

namespace convscope {

namespace {

constexpr double kLittle = 0.1;  // of what began: less is said to be little

struct Composite {
  std::string_view name;
  LayerRule convolution;
  std::optional<LayerRule> first;
};
constexpr Composite kComposites[] = {
    {"epsilon-plus", LayerRule::z_plus, std::nullopt},
    {"epsilon-plus-flat", LayerRule::z_plus, LayerRule::flat},
    {"epsilon-alpha2-beta1", LayerRule::alpha_beta, std::nullopt},
    {"epsilon-alpha2-beta1-flat", LayerRule::alpha_beta, LayerRule::flat},
    {"epsilon-gamma-box", LayerRule::gamma, LayerRule::z_box},
    {"epsilon", LayerRule::epsilon, std::nullopt},
};

const Composite& composite_of(const std::string& name) {
  std::vector<std::string> names;
  for (const Composite& c : kComposites) {
    if (c.name == name) return c;
    names.emplace_back(c.name);
  }
  fail("lrp: composite is none of ours: '{}'{}", name, known_names(name, names));
}

/** A rule that somebody chose for one kind of layer; z-box is of pixels alone. */
LayerRule chosen(const std::string& name, std::string_view option) {
  const LayerRule rule = layer_rule_of(name, fmt::format("lrp: {}", option));
  require(rule != LayerRule::z_box || option == "first", "lrp: {} is z-box, which is for layers that see pixels: the option first takes it",
          option);
  return rule;
}

/** Layers that see pixels and what other layers made of them. */
int64_t layers_of_both(const Graph& graph) {
  int64_t count = 0;
  for (const Node& node : graph.nodes())
    if (as<Conv2dOp>(*node.op) || as<LinearOp>(*node.op))
      count += sees_pixels(graph, node.inputs[0]) && !sees_pixels_alone(graph, node.inputs[0]);
  return count;
}

/** Maps, and how what arrived and what was absorbed miss what went in. */
Maps relevance_maps(Subject& subject, const Tensor& x, const Question& question, const RelevanceRules& rules, std::string_view method) {
  network_of(subject, method);
  require(!question.objective.node.empty() || question.objective.of == Objective::Of::logits,
          "{}: relevance is of a logit or a node; a softmax or a loss is no sum that could be shared out", method);
  Passed passed = subject.pass(x, {.objective = question.objective, .ruling = relevance_ruling(rules)}, question.targets);
  Maps maps{std::move(passed.gradients.at(std::string(kPixels))), {}};
  if (const int64_t mixed = rules.first == LayerRule::z_box ? layers_of_both(*subject.network()) : 0; mixed > 0)
    maps.over = fmt::format("with z-box but for {} layer{} where pixels and features meet, which go{} by the usual rule", mixed,
                            mixed == 1 ? "" : "s", mixed == 1 ? "es" : "");
  const auto absorbed = passed.gradients.find(kAbsorbed);
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    double arrived = 0;
    for (const float v : maps.values.row(n)) arrived += v;
    const double begun = rules.probability ? 1 : passed.value[static_cast<size_t>(n)];
    const double taken = absorbed == passed.gradients.end() ? 0 : absorbed->second[n];
    maps.completeness.push_back({.difference = begun, .gap = std::abs(arrived + taken - begun), .absorbed = taken});
    const bool little = std::abs(arrived) < kLittle * std::abs(begun);
    maps.notes.push_back(little ? fmt::format("{:.2g} % of it reaches the pixels", 100 * std::abs(arrived / begun)) : "");
  }
  return maps;
}

}  // namespace

Relevance::Relevance(Options options) {
  const Composite& composite = composite_of(options.composite);
  rules_.convolution = options.conv.empty() ? composite.convolution : chosen(options.conv, "conv");
  rules_.dense = options.dense.empty() ? LayerRule::epsilon : chosen(options.dense, "dense");
  if (options.first != "none") rules_.first = options.first.empty() ? composite.first : chosen(options.first, "first");
  require(std::isfinite(options.epsilon) && options.epsilon > 0, "lrp: epsilon is above 0, got {}", options.epsilon);
  require(std::isfinite(options.gamma) && options.gamma >= 0, "lrp: gamma is 0 or more, got {}", options.gamma);
  require(std::isfinite(options.alpha) && options.alpha >= 1, "lrp: alpha is 1 or more, so that beta, alpha − 1, is not negative; got {}",
          options.alpha);
  rules_.epsilon = options.epsilon;
  rules_.gamma = options.gamma;
  rules_.alpha = options.alpha;
  rules_.biases = options.biases;
}

Maps Relevance::explain(Subject& subject, const Tensor& x, const Question& question) const {
  return relevance_maps(subject, x, question, rules_, "lrp");
}

Maps Excitation::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const RelevanceRules rules{
      .convolution = LayerRule::z_plus, .dense = LayerRule::z_plus, .first = std::nullopt, .biases = false, .probability = true};
  return relevance_maps(subject, x, question, rules, "excitation-backprop");
}

}  // namespace convscope

#include "convscope/graph/rules/rectifiers.h"

#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/ops/redirect.h"
#include "convscope/graph/ops/unary.h"
#include "convscope/graph/passes.h"
#include "convscope/graph/rules/gates.h"

namespace convscope {

namespace {

/** Kinds that are rectifiers unless they shape a gate. */
const std::vector<std::string_view>& rectifier_kinds() {
  static const std::vector<std::string_view> kinds{ReluOp::kKind,  Relu6Op::kKind, LeakyReluOp::kKind, PReluOp::kKind,
                                                   RReluOp::kKind, EluOp::kKind,   CeluOp::kKind,      SeluOp::kKind,
                                                   ClampOp::kKind, GeluOp::kKind,  SoftplusOp::kKind};
  return kinds;
}

bool is_rectifier(const Graph& graph, int i) {
  const Op& op = *graph.node(i).op;
  if (as<MultiplyOp>(op)) {
    const auto gate = gate_of(graph, i);
    return gate && gate->own;
  }
  if (const auto* clamp = as<ClampOp>(op); clamp && clamp->get().low != 0) return false;
  const auto& kinds = rectifier_kinds();
  return std::find(kinds.begin(), kinds.end(), op.kind()) != kinds.end() && !shapes_a_gate(graph, i);
}

/** y, dy → dy where y is above 0. */
Value where_positive(GradientSite& site, Value y, Value dy) {
  return site.add("where-positive", std::make_shared<ActivationBackwardOp>(Activation{}), {y, dy});
}

Value positive(GradientSite& site, Value dy) { return site.add("positive", std::make_shared<ReluOp>(NoOptions{}), {dy}); }

void guide(const Op&, GradientSite& site) {
  if (!is_rectifier(site.graph(), site.node())) return site.give_own(site.upstream());
  site.give_own(where_positive(site, site.out(), positive(site, site.upstream())));
}

void deconvolve(const Op&, GradientSite& site) {
  if (!is_rectifier(site.graph(), site.node())) return site.give_own(site.upstream());
  const size_t signal =
      site.inputs() == 2 && as<MultiplyOp>(*site.graph().node(site.node()).op) ? gate_of(site.graph(), site.node())->signal : 0;
  site.give(signal, positive(site, site.upstream()));
}

/** Where an op gives its limits; of what has no upper one the lower alone. */
RedirectOptions limits_of(const Op& op) {
  if (as<Relu6Op>(op)) return {.low = 0, .high = 6, .bounded = true};
  if (const auto* clamp = as<ClampOp>(op)) return {.low = clamp->get().low, .high = clamp->get().high, .bounded = true};
  return {};
}

void redirect(const Op&, GradientSite& site) {
  const std::shared_ptr<const Op> op = site.graph().node(site.node()).op;
  site.give_own(site.upstream());
  if (!is_rectifier(site.graph(), site.node())) return;
  size_t signal = 0;
  Value shut = site.out();  // what tells whether the rectifier is shut
  if (as<MultiplyOp>(*op)) {
    const auto gate = gate_of(site.graph(), site.node());
    signal = gate->signal;
    shut = site.in(gate->gate);
    if (site.shape(shut) != site.shape(site.out())) return;
  }
  if (!site.given()[signal]) return;
  const Value opened = site.add("redirect", std::make_shared<RedirectOp>(limits_of(*op)), {shut, site.upstream(), *site.given()[signal]});
  site.give(signal, opened);
  site.note(std::string(kRedirected), {opened.node, 1});
}

std::shared_ptr<const Ruling> ruling_of(std::string name, const Rule& rule) {
  Rules rules{{std::string(MultiplyOp::kKind), rule}};
  for (const std::string_view kind : rectifier_kinds()) rules.emplace(kind, rule);
  return std::make_shared<Ruling>(Ruling{std::move(name), std::move(rules)});
}

}  // namespace

std::shared_ptr<const Ruling> guided_ruling() { return ruling_of("guided", guide); }
std::shared_ptr<const Ruling> redirected_ruling() { return ruling_of("redirected", redirect); }
std::shared_ptr<const Ruling> deconvolution_ruling() { return ruling_of("deconvolution", deconvolve); }

bool has_rectifier(const Graph& graph, std::string_view of) {
  const Graph needed = prune(graph, {of.empty() ? graph.name(graph.output) : std::string(of)});
  for (int i = 0; i < static_cast<int>(needed.nodes().size()); ++i) {
    const auto* mix = as<PerturbMixOp>(*needed.node(i).op);
    const auto& kinds = rectifier_kinds();
    if (mix ? std::find(kinds.begin(), kinds.end(), mix->get().act) != kinds.end() : is_rectifier(needed, i)) return true;
  }
  return false;
}

}  // namespace convscope

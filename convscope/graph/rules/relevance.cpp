#include "convscope/graph/rules/relevance.h"

#include <algorithm>
#include <limits>

#include "convscope/base/join.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/lrn.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/objective.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/relevance.h"
#include "convscope/graph/ops/resample.h"
#include "convscope/graph/ops/standardize.h"
#include "convscope/graph/ops/unary.h"
#include "convscope/graph/rules/any_other.h"
#include "convscope/graph/rules/gates.h"
#include "convscope/graph/rules/linear_map.h"

namespace convscope {

namespace {

constexpr double kStabiliser = 1e-6;
constexpr std::string_view kNames[] = {"epsilon", "gamma", "z-plus", "alpha-beta", "z-box", "w-square", "flat"};

/** What a layer's rule gives: what arrives at its input. */
using Shared = Value;

/** Relevance that is shared out by an affine layer, a convolution or a dense one. */
class Layer {
 public:
  Layer(GradientSite& site, const Op& op, bool with_bias) : site_(site), map_(site, op), with_bias_(with_bias) {}

  Shared by(LayerRule rule, const RelevanceRules& rules) {
    const Value r = site_.upstream();
    switch (rule) {
      case LayerRule::epsilon:
        return epsilon(r, rules.epsilon);
      case LayerRule::gamma:
        return gamma(r, static_cast<float>(rules.gamma));
      case LayerRule::z_plus:
        return speaking(r, 1, true);
      case LayerRule::alpha_beta:
        return map_.sum({speaking(r, rules.alpha, true), speaking(r, 1 - rules.alpha, false)});
      case LayerRule::z_box:
        return box(r);
      case LayerRule::w_square:
        return weights_alone(r, map_.square(map_.weight()), bias() ? std::optional(map_.square(*bias())) : std::nullopt);
      case LayerRule::flat:
        return weights_alone(r, map_.filled(map_.weight(), 1), std::nullopt);
    }
    return r;
  }

 private:
  std::optional<Value> bias() const { return with_bias_ ? map_.bias() : std::nullopt; }

  /** The layer's own z: the very numbers that the relevance above was made of, since near 0 another kernel's rounding would count. */
  Value plain() { return bias() || !map_.bias() ? site_.out() : map_.forward(map_.x(), map_.weight(), std::nullopt); }

  /** R / stab(z), and what bias and stabiliser take of it. */
  Value shares(Value r, Value z, std::optional<Value> bias, double epsilon, double factor = 1) {
    const Value s = site_.add("share", std::make_shared<QuotientOp>(StabiliserOptions{epsilon}), {r, z});
    std::vector<Value> in{s, z};
    if (bias) in.push_back(*bias);
    AbsorbedOptions options{{epsilon}, bias.has_value(), factor};
    site_.note(std::string(kAbsorbed), site_.add("absorbed", std::make_shared<AbsorbedOp>(options), in));
    return s;
  }

  Shared epsilon(Value r, double epsilon) {
    const Value z = plain();
    return map_.times(map_.x(), map_.down(z, shares(r, z, bias(), epsilon)));
  }

  /** Factor times the part that speaks for z (x⁺ w⁺ + x⁻ w⁻) or against it; the bias goes with x⁺. */
  Shared speaking(Value r, double factor, bool for_it) {
    const Value w_up = map_.positive(map_.weight()), w_down = map_.negative(map_.weight());
    std::optional<Value> b;
    if (bias()) b = for_it ? map_.positive(*bias()) : map_.negative(*bias());
    return in_parts(r, for_it ? w_up : w_down, for_it ? w_down : w_up, b, factor);
  }

  /** x⁺ with one weight, and a bias, x⁻ with another. */
  Shared in_parts(Value r, Value w_of_up, Value w_of_down, std::optional<Value> b, double factor = 1) {
    const Value x = map_.x();
    if (map_.never_negative(x)) {
      const Value z = map_.forward(x, w_of_up, b);
      return map_.scaled(map_.times(x, map_.down(z, shares(r, z, b, kStabiliser, factor))), factor);
    }
    const Value up = map_.positive(x), down = map_.negative(x);
    const Value z_up = map_.forward(up, w_of_up, b), z_down = map_.forward(down, w_of_down, std::nullopt);
    const Value s = shares(r, map_.sum({z_up, z_down}), b, kStabiliser, factor);
    return map_.scaled(map_.sum({map_.times(up, map_.down(z_up, s)), map_.times(down, map_.down(z_down, s))}), factor);
  }

  Shared gamma(Value r, float gamma) {
    const Value w = map_.weight(), z = plain();
    const Value w_up = map_.sum({w, map_.scaled(map_.positive(w), gamma)}), w_down = map_.sum({w, map_.scaled(map_.negative(w), gamma)});
    std::optional<Value> b_up, b_down;
    if (bias()) {
      b_up = map_.sum({*bias(), map_.scaled(map_.positive(*bias()), gamma)});
      b_down = map_.sum({*bias(), map_.scaled(map_.negative(*bias()), gamma)});
    }
    const Value of_up = site_.add("where-positive", std::make_shared<ActivationBackwardOp>(Activation{}), {z, r});
    const Value of_down = map_.sum({r, map_.scaled(of_up, -1)});
    return map_.sum({in_parts(of_up, w_up, w_down, b_up), in_parts(of_down, w_down, w_up, b_down)});
  }

  Shared box(Value r) {
    const Value x = map_.x(), low = map_.of_pixels(0), high = map_.of_pixels(1);
    const Value w = map_.weight(), w_up = map_.positive(w), w_down = map_.negative(w);
    const Value z = map_.forward(x, w, std::nullopt), z_low = map_.forward(low, w_up, std::nullopt),
                z_high = map_.forward(high, w_down, std::nullopt);
    const Value s = shares(r, map_.sum({z, map_.scaled(map_.sum({z_low, z_high}), -1)}), std::nullopt, kStabiliser);
    const Value taken = map_.sum({map_.times(low, map_.down(z_low, s)), map_.times(high, map_.down(z_high, s))});
    return map_.sum({map_.times(x, map_.down(z, s)), map_.scaled(taken, -1)});
  }

  Shared weights_alone(Value r, Value w, std::optional<Value> b) {
    const Value z = map_.forward(map_.filled(map_.x(), 1), w, b);
    return map_.down(z, shares(r, z, b, kStabiliser));
  }

  GradientSite& site_;
  LinearMap map_;
  bool with_bias_;
};

/** A convolution or dense layer by its rule. */
void share_out(const Op& op, GradientSite& site, const RelevanceRules& rules) {
  if (!site.wanted(0)) return;
  const bool box = rules.first == LayerRule::z_box;  // what lies beside the pixels has no limits that were known
  const bool first = rules.first && (box ? sees_pixels_alone(site.graph(), site.in(0)) : sees_pixels(site.graph(), site.in(0)));
  const LayerRule usual = as<Conv2dOp>(op) ? rules.convolution : rules.dense;
  site.give(0, Layer(site, op, rules.biases).by(first ? *rules.first : usual, rules));
}

/**
 * What an op adds whatever comes in, in the shape of what it gives; none where that is 0. Sums, means and resampling add nothing.
 */
std::optional<Value> added(const Op& op, GradientSite& site) {
  if (!as<AffineOp>(op) && !as<PerturbOp>(op) && !as<PerturbMixOp>(op)) return std::nullopt;
  std::vector<Value> in = site.graph().node(site.node()).inputs;
  const std::shared_ptr<const Op> same = site.graph().node(site.node()).op;
  for (size_t i = 0; i < in.size(); ++i)
    if (site.wanted(i)) in[i] = filled_like(site, in[i], 0);
  return site.add("of-nothing", same, in);
}

/** x_i times what comes down of R / stab(z), for ops that are affine in each of their inputs. */
void by_epsilon(const Op& op, GradientSite& site) {
  const Value z = site.out();
  const auto bias = added(op, site);
  const Value s = site.add("share", std::make_shared<QuotientOp>(StabiliserOptions{kStabiliser}), {site.upstream(), z});
  std::vector<Value> in{s, z};
  if (bias) in.push_back(*bias);
  site.note(std::string(kAbsorbed),
            site.add("absorbed", std::make_shared<AbsorbedOp>(AbsorbedOptions{{kStabiliser}, bias.has_value()}), in));
  site.give_own(s);
  for (size_t i = 0; i < site.inputs(); ++i)
    if (site.given()[i]) site.give(i, site.add("relevance", std::make_shared<MultiplyOp>(NoOptions{}), {site.in(i), *site.given()[i]}));
}

void pass_on(const Op&, GradientSite& site) {
  if (site.wanted(0)) site.give(0, site.upstream());
}

void to_signal(const Op&, GradientSite& site) {
  const auto gate = gate_of(site.graph(), site.node());
  const Value r = site.upstream();
  if (!site.wanted(0) || !site.wanted(1)) return site.give(site.wanted(0) ? 0 : 1, r);
  if (gate) return site.give(gate->signal, r);
  for (const size_t i : {0, 1}) site.give(i, site.add("half", std::make_shared<MultiplyOp>(NoOptions{}), {r, filled_like(site, r, 0.5f)}));
}

void by_held_variance(const Op& op, GradientSite& site) {
  const Value x = site.in(0), z = site.out();
  const Value s = site.add("share", std::make_shared<QuotientOp>(StabiliserOptions{kStabiliser}), {site.upstream(), z});
  site.note(std::string(kAbsorbed), site.add("absorbed", std::make_shared<AbsorbedOp>(AbsorbedOptions{{kStabiliser}}), {s, z}));
  const Value down = site.add("held", std::make_shared<StandardizeHeldBackwardOp>(as<StandardizeOp>(op)->get()), {x, s});
  site.give(0, site.add("relevance", std::make_shared<MultiplyOp>(NoOptions{}), {x, down}));
}

/** The border keeps what it is given: of zeros too, by rules that do not look at x. */
void cut_border(const Op& op, GradientSite& site) {
  site.give_own(site.upstream());
  PadOptions border = as<PadOp>(op)->get();
  border.value = 1;
  const Value ones = site.add("border", std::make_shared<PadOp>(border), {filled_like(site, site.in(0), 0)});
  site.note(std::string(kAbsorbed),
            site.add("absorbed", std::make_shared<AbsorbedOp>(AbsorbedOptions{{0}, true}), {site.upstream(), site.out(), ones}));
}

/** The beginning: the output itself, or 1. */
void begin(const Op&, GradientSite& site, bool probability) {
  site.give_own(site.upstream());
  if (!probability) site.give(0, site.add("output", std::make_shared<MultiplyOp>(NoOptions{}), {site.in(0), *site.given()[0]}));
}

std::string text_of(const RelevanceRules& r) {
  return fmt::format("relevance {} {} {} {} {} {} {} {}", name_of(r.convolution), name_of(r.dense), r.first ? name_of(*r.first) : "",
                     r.epsilon, r.gamma, r.alpha, r.probability, r.biases);
}

}  // namespace

LayerRule layer_rule_of(std::string_view name, std::string_view option) {
  const std::vector<std::string> names(std::begin(kNames), std::end(kNames));
  const auto found = std::find(std::begin(kNames), std::end(kNames), name);
  require(found != std::end(kNames), "{}: no rule '{}'{}", option, name, known_names(name, names));
  return static_cast<LayerRule>(found - std::begin(kNames));
}

std::string_view name_of(LayerRule rule) { return kNames[static_cast<size_t>(rule)]; }

std::shared_ptr<const Ruling> relevance_ruling(const RelevanceRules& how) {
  Rules rules;
  const auto layer = [how](const Op& op, GradientSite& site) { share_out(op, site, how); };
  rules.emplace(Conv2dOp::kKind, layer);
  rules.emplace(LinearOp::kKind, layer);
  for (const std::string_view kind : {AddOp::kKind, AvgPoolOp::kKind, GlobalAvgPoolOp::kKind, ResampleOp::kKind, DownsampleOp::kKind,
                                      PerturbOp::kKind, PerturbMixOp::kKind})
    rules.emplace(kind, by_epsilon);
  each_activation([&]<typename T>() { rules.emplace(T::kKind, pass_on); });
  each_unary([&]<typename T>() { rules.emplace(T::kKind, pass_on); });
  for (const std::string_view kind : {ClampOp::kKind, PReluOp::kKind, RReluOp::kKind, LrnOp::kKind, NormalizeOp::kKind})
    rules.emplace(kind, pass_on);
  // Pixels that are prepared node by node, as an ONNX file does it, are prepared all the same.
  rules[std::string(AffineOp::kKind)] = [](const Op& op, GradientSite& site) {
    sees_pixels(site.graph(), site.in(0)) ? pass_on(op, site) : by_epsilon(op, site);
  };
  rules.emplace(MultiplyOp::kKind, to_signal);
  rules.emplace(StandardizeOp::kKind, by_held_variance);
  rules.emplace(PadOp::kKind, cut_border);
  rules.emplace(PickOp::kKind, [how](const Op& op, GradientSite& site) { begin(op, site, how.probability); });
  for (const std::string_view kind : {SoftmaxOp::kKind, CrossEntropyOp::kKind})
    rules.emplace(kind, [kind](const Op&, GradientSite&) { fail("'{}' has no rule of relevance", kind); });
  rules.emplace(kAnyOther, [](const Op& op, GradientSite& site) {
    require(only_moves(op), "node '{}' is a '{}', which has no rule of relevance: its gradient would be another thing",
            site.graph().node(site.node()).name, op.kind());
    op.gradient(site);
  });
  return std::make_shared<Ruling>(Ruling{.name = text_of(how), .rules = std::move(rules), .folded = true});
}

}  // namespace convscope

#include "convscope/nn/perturb.h"

#include <cmath>
#include <utility>
#include <vector>

#include "convscope/graph/ops/perturb.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/initialisers.h"
#include "convscope/nn/one_of.h"

namespace convscope {

namespace {

constexpr std::string_view kMasksName = "masks";
constexpr std::string_view kFilterInit = "he-normal,mode=fan-out";

Conv2d point_convolution(int64_t filters) {
  return Conv2d({.filters = filters, .kernel = 1, .pad = 0, .init = std::string(kFilterInit), .bias_init = "pytorch"});
}

Value masks(Builder& graph, std::string_view name, const Shape& x, const Masks::Options& o) {
  return graph.parameter(fmt::format("{}.{}", name, kMasksName), {o.unique_masks ? x[1] : 1, o.nmasks, x[2], x[3]}, o.init, o.train_masks);
}

Masks::Options masks_of(const PerturbationOptions& o, int64_t nmasks, double level) {
  return {.nmasks = nmasks,
          .unique_masks = o.unique_masks,
          .train_masks = o.train_masks,
          .level = level,
          .init = o.noise_type == "uniform" ? "uniform,bound=1" : "normal"};
}

Shape pictures(const Builder& graph, std::string_view what, std::string_view name, Value x) {
  const Shape in = graph.shape(x);
  require(in.rank() == 4, "{} '{}': the input is {}, pictures [N, C, H, W] were wanted", what, graph.path(name), in);
  return in;
}

/** The activation behind a layer's masks, as `perturb-mix` does it in passing. `act` is an option of the study's. */
PerturbMixOptions in_passing(std::string_view act, double level, std::string stream) {
  PerturbMixOptions mix{.level = level, .act = std::string(unabbreviated(act)), .stream = std::move(stream)};
  if (mix.activation()) mix.tuning = dynamic_cast<const HasActivation&>(*ops().make(mix.act)).activation().tuning;
  return mix;
}

}  // namespace

void require_mask_level(std::string_view whose, double level) {
  constexpr double kMost = 1e6;
  require(std::abs(level) <= kMost, "{}: masks times {}; a factor of at most {} was wanted", whose, level, kMost);
}

void PerturbationOptions::check(std::string_view whose) const {
  constexpr int64_t kMost = 4096;
  require(nmasks >= 1 && nmasks <= kMost, "{}: option 'nmasks' is {}; 1 to {} masks a channel were wanted", whose, nmasks, kMost);
  require(std::isfinite(level) && std::isfinite(scale_noise),
          "{}: options 'level' and 'scale_noise' are {} and {}; finite numbers were wanted", whose, level, scale_noise);
  require_mask_level(whose, level * scale_noise);
  require_one_of(whose, "noise_type", noise_type, {"uniform", "normal"});
  (void)activation(act, whose);  // an unknown one shows here
}

int64_t mask_count(const Graph& graph) {
  int64_t count = 0;
  for (const ParameterInfo& p : parameters(graph))
    if (!p.trained && (p.name == kMasksName || p.name.ends_with(fmt::format(".{}", kMasksName)))) count += p.shape.size();
  return count;
}

void Masks::Options::check(std::string_view whose) const {
  constexpr int64_t kMost = 1 << 16;
  require(nmasks >= 1 && nmasks <= kMost, "{}: option 'nmasks' is {}; 1 to {} masks a channel were wanted", whose, nmasks, kMost);
  require_mask_level(whose, level);
}

Value Masks::build(Builder& graph, std::string_view name, Value x) const {
  const Value n = masks(graph, name, pictures(graph, "masks", name, x), options_);
  return graph.add<PerturbOp>(fmt::format("{}.perturb", name), {.level = options_.level}, {x, n});
}

void MixedMasks::Options::check(std::string_view whose) const {
  Masks::Options::check(whose);
  if (act != "none") (void)activation(act, whose);
}

Value MixedMasks::build(Builder& graph, std::string_view name, Value x) const {
  const Options& o = options_;
  const Shape in = pictures(graph, "mixed-masks", name, x);
  require(o.filters >= 1 && o.filters % in[1] == 0,
          "perturb '{}' with {} masks a channel: {} filters cannot be shared evenly by {} channels; take a multiple of {} filters, 1 "
          "mask, or a convolution (filter_size, first_filter_size)",
          graph.path(name), o.nmasks, o.filters, in[1], in[1]);
  const Value n = masks(graph, name, in, o);
  const auto parameter = [&](std::string_view what, const Shape& shape, std::string_view init) {
    return graph.parameter(fmt::format("{}.{}", name, what), shape, init);
  };
  const Shape weight{o.filters, o.nmasks, 1, 1};
  std::vector<Value> inputs{x, n, parameter("conv.weight", weight, kFilterInit),
                            parameter("conv.bias", {o.filters}, bias_initialiser("pytorch", fans(weight).in))};
  if (o.act == "prelu") inputs.push_back(parameter("act.weight", {1}, "constant,value=0.25"));
  return graph.add<PerturbMixOp>(fmt::format("{}.conv", name), in_passing(o.act, o.level, graph.path(fmt::format("{}.perturb_act", name))),
                                 std::move(inputs));
}

Perturb::Perturb(Options options) : options_(std::move(options)) {
  options_.check("perturb");
  const int64_t k = options_.filter_size;
  require(k == 0 || k == 1 || k == 3 || k == 5 || k == 7,
          "perturb: option 'filter_size' is {}; 0 (masks) or a convolution of 1, 3, 5 or 7 was wanted", k);
}

Value Perturb::build(Builder& graph, std::string_view name, Value x) const {
  const Options& o = options_;
  const Shape in = pictures(graph, "perturb", name, x);
  const bool act_behind_masks = !o.first || o.use_act;
  if (o.filter_size == 0) {
    const Masks::Options drawn = masks_of(o, o.nmasks, o.first ? o.level * o.scale_noise : o.level);
    x = o.nmasks == 1 ? Masks(drawn).build(graph, name, x)
                      : MixedMasks({drawn, o.filters, act_behind_masks ? o.act : "none"}).build(graph, name, x);
  }
  const auto inside = graph.scope(name);
  const auto act = activation(o.act, "perturb");
  // One slope for all places of prelu; random slopes of each place by themselves.
  const auto activated = [&](std::string_view place, Value v) { return act->build(graph, o.act == "prelu" ? "act" : place, v); };
  const auto normalised = [&](std::string_view place, Value v) { return BatchNorm({}).build(graph, place, v); };

  if (o.filter_size > 0) {
    const auto convolution = [&](std::string_view place, int64_t filters, int64_t k, int64_t groups, std::string_view init) {
      x = Conv2d({.filters = filters,
                  .kernel = k,
                  .stride = o.first && k == 7 ? 2 : 1,
                  .pad = k / 2,
                  .groups = groups,
                  .bias = k == 1,
                  .init = std::string(init),
                  .bias_init = "pytorch"})
              .build(graph, place, x);
    };
    const bool separable = o.separable && o.filter_size > 1;
    if (separable) {
      convolution("depthwise", in[1], o.filter_size, in[1], "he-normal");
      x = activated("depthwise_act", normalised("depthwise_bn", x));
    }
    convolution("conv", o.filters, separable ? 1 : o.filter_size, 1, kFilterInit);
    return activated("act", normalised("bn", x));
  }

  if (o.nmasks == 1) {
    if (act_behind_masks) x = activated("perturb_act", x);
    x = point_convolution(o.filters).build(graph, "conv", x);
  }
  x = activated("act", normalised("bn", x));
  if (o.mix_maps) {
    x = point_convolution(o.filters).build(graph, "mix", x);
    x = activated("mix_act", normalised("mix_bn", x));
  }
  return x;
}

Noise::Noise(Options options) : options_(options) { require_mask_level("noise", options_.level); }

Value Noise::build(Builder& graph, std::string_view name, Value x) const {
  x = Masks({.level = options_.level}).build(graph, name, x);
  const auto inside = graph.scope(name);
  x = Relu({}).build(graph, "relu", x);
  x = BatchNorm({}).build(graph, "bn", x);
  return point_convolution(options_.filters).build(graph, "conv", x);
}

WidePerturb::WidePerturb(Options options) : options_(std::move(options)) { options_.check("wide-perturb"); }

Value WidePerturb::build(Builder& graph, std::string_view name, Value x) const {
  constexpr int64_t kMasksOfAFilter = 5;
  constexpr double kLouder = 20;
  const Options& o = options_;
  const Shape in = pictures(graph, "wide-perturb", name, x);
  x = Masks(masks_of(o, kMasksOfAFilter * o.filters, kLouder * o.level * o.scale_noise)).build(graph, name, x);
  const auto inside = graph.scope(name);
  const auto normalised = [&](std::string_view act, std::string_view place) {
    x = BatchNorm({}).build(graph, fmt::format("{}bn", place), x);
    x = activation(act, "wide-perturb")->build(graph, fmt::format("{}act", place), x);
  };
  const auto point = [&](std::string_view place, int64_t filters, int64_t groups, bool bias) {
    x = Conv2d({.filters = filters,
                .kernel = 1,
                .pad = 0,
                .groups = groups,
                .bias = bias,
                .init = std::string(kFilterInit),
                .bias_init = "pytorch"})
            .build(graph, place, x);
  };
  normalised("sigmoid", "masks_");
  point("conv", in[1] * o.filters, in[1], true);
  normalised("sigmoid", "");
  if (o.mix_maps) {
    point("mix", in[1] * o.filters, 1, true);
    normalised("sigmoid", "mix_");
  }
  point("reduce", o.filters, 1, false);
  normalised(o.act, "reduce_");
  return x;
}

}  // namespace convscope

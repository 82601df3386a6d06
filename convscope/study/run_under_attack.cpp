#include "convscope/study/run_under_attack.h"

#include <utility>

#include "convscope/attack/attack.h"
#include "convscope/results/evaluation.h"

namespace convscope {

namespace {

Network network_of(const Path& run, const TrainOptions& options, RunUnderAttack::State state) {
  Network network = open_network(run.string());
  network.name = options.model;
  if (state == RunUnderAttack::State::trained) return network;
  network.name += ", untrained";
  return untrained(std::move(network), static_cast<uint64_t>(options.seed));
}

TrainOptions resolved(const StudyContext& context, Json options) {
  if (!options.contains("seed")) options["seed"] = context.setting.seed;
  return resolve_options(options);
}

}  // namespace

RunUnderAttack::RunUnderAttack(const StudyContext& context, const std::string& run, Json options, State state)
    : context_(context),
      folder_(context.folder / (state == State::trained ? run : run + "-untrained")),
      network_(network_of(context.trained(run), resolved(context, options), state)),
      test_(test_pictures(context, resolved(context, options))) {}

Attacked RunUnderAttack::attack_on(const Pictures& pictures, const std::string& method, AttackOptions options) {
  options.arrays = false;
  Setting setting = context_.setting;
  setting.execution.precision = Precision::fp32;
  setting.progress = {};
  try {
    return convscope::attack(network_, parse_choice(method), pictures, options, folder_, setting);
  } catch (const AttackStopped& e) {
    throw Stopped(fmt::format("{}: {}", method, e.what()));
  }
}

StudyFigure share_figure(std::string what, double published, int64_t some, int64_t all, std::string note) {
  StudyFigure figure;
  figure.what = std::move(what);
  figure.published = published;
  figure.note = std::move(note);
  if (all == 0) return figure;
  figure.ours = 100 * static_cast<double>(some) / static_cast<double>(all);
  const auto [low, high] = wilson_interval(some, all);
  figure.low = 100 * low;
  figure.high = 100 * high;
  return figure;
}

}  // namespace convscope

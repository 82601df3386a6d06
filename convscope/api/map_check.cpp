#include "convscope/api/map_check.h"

#include "convscope/api/redrawn_network.h"
#include "convscope/inspect/attribution/quality/check_maps.h"

namespace convscope {

namespace {

// A network that was trained here began with the weights of its seed; controls must not be those.
constexpr uint64_t kRandomSeed = 0x6d61702063686563, kRedrawnSeed = 0x6d6170206361736b;

}  // namespace

void require_checkable(const Choice& method, const ExplainOptions& options) {
  if (!options.check) return;
  require(method.name != "training-path",
          "`check`: training-path reads what was recorded; it has no maps of other pictures and networks to be held against");
  require(options.target.find(':') == std::string::npos,
          "`check`: quality is measured by the probability of a class, and `target` '{}' is a node's number", options.target);
  require(options.check_steps >= 0 && options.check_steps <= 100'000, "`check_steps` {}: 0 to 100000 were wanted", options.check_steps);
  require(options.check_draws >= 1 && options.check_draws <= 10'000, "`check_draws` {}: 1 to 10000 were wanted", options.check_draws);
}

std::vector<MapQuality> check_maps_of(const Network& network, const Attribution& method, NetworkSubject& subject, const Tensor& x,
                                      const Question& question, const Tensor& maps, const ExplainOptions& options, const Setting& setting) {
  NetworkSubject random = subject_of(randomised(network, kRandomSeed ^ setting.seed), setting, subject.batch());
  RedrawnNetwork redrawn(network, setting, kRedrawnSeed ^ setting.seed, subject.batch());
  const CheckedNetworks networks{subject, random, redrawn.subject(), redrawn.stages(), [&](int64_t stage) { redrawn.set_state(stage); }};
  return check_maps(method, networks, x, question, maps, {.steps = options.check_steps, .draws = options.check_draws}, setting.progress);
}

}  // namespace convscope

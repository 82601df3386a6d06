#include "convscope/train/training_state.h"

#include <cmath>

namespace convscope {

namespace {

constexpr const char* kKeptNoise = "adversarial/noise";
constexpr std::string_view kRaw = "raw/";  // in a checkpoint's state: the weights themselves, where the network is their average

/** The tensors of a checkpoint's state whose names begin so, by the rest of their names. */
std::map<std::string, Tensor> tensors_under(std::string_view prefix, const Checkpoint& saved) {
  std::map<std::string, Tensor> all;
  for (const auto& [name, tensor] : saved.state.tensors)
    if (name.starts_with(prefix)) all.emplace(name.substr(prefix.size()), tensor);
  return all;
}

}  // namespace

Position position_of(const Checkpoint& saved, const std::string& whose) {
  const auto it = saved.state.metadata.find("position");
  require(it != saved.state.metadata.end(), "{}: holds no state of a training; it cannot be resumed", whose);
  const Position p = fields_from_json<Position>(parse_json(it->second, whose), whose);
  require(p.epoch >= 0 && p.step >= 0 && p.correct >= 0 && p.seen >= p.correct && (p.step == 0) == (p.seen == 0) && std::isfinite(p.loss) &&
              std::isfinite(p.seconds) && p.seconds >= 0 && std::isfinite(p.waited) && p.waited >= 0,
          "{}: its position in the training is impossible: {}", whose, it->second);
  return p;
}

void fill(Checkpoint& c, const TrainingState& state, bool resumable) {
  c.tensors = state.answering.tensors();
  if (!resumable) return;
  if (&state.answering != &state.weights)
    for (auto& [name, tensor] : state.weights.tensors()) c.state.tensors.emplace(fmt::format("{}{}", kRaw, name), std::move(tensor));
  for (size_t i = 0; i < state.moments.size(); ++i)
    for (auto& [name, tensor] : state.weights.to_plain(state.moments[i].span()))
      c.state.tensors.emplace(fmt::format("moment{}/{}", i, name), std::move(tensor));
  if (state.kept && state.kept->size() > 0) c.state.tensors.emplace(kKeptNoise, *state.kept);
}

void restore_kept(const Checkpoint& saved, Tensor& kept, const std::string& whose) {
  if (kept.size() == 0) return;
  const auto it = saved.state.tensors.find(kKeptNoise);
  require(it != saved.state.tensors.end() && it->second.shape() == kept.shape(),
          "{}: the noise {} of its pictures is missing, or of other batches", whose, kept.shape());
  kept = it->second;
}

std::map<std::string, Tensor> raw_weights(const Checkpoint& saved, bool averages) {
  return averages ? tensors_under(kRaw, saved) : saved.tensors;
}

bool has_moments(const Checkpoint& saved) { return !tensors_under("moment0/", saved).empty(); }

void restore_moments(const Checkpoint& saved, const Weights& weights, std::span<Tensor> moments, const std::string& whose) {
  for (size_t i = 0; i < moments.size(); ++i) {
    try {
      weights.from_plain(tensors_under(fmt::format("moment{}/", i), saved), moments[i].span());
    } catch (const Error& e) {
      fail("{}: the optimiser's state does not fit: {}", whose, e.what());
    }
  }
}

}  // namespace convscope

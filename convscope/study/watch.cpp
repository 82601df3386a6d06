#include "convscope/study/watch.h"

#include <algorithm>
#include <cstring>

#include "convscope/base/timer.h"
#include "convscope/report/watch_film.h"
#include "convscope/tensor/animation.h"

namespace convscope {

namespace {

/** Whether an objective's program gives the network's own logits. */
bool gives_logits(const Objective& objective) { return objective.node.empty() && objective.of != Objective::Of::softmax; }

}  // namespace

WatchedNetwork::WatchedNetwork(Graph graph, std::shared_ptr<Weights> weights, const Tensor& images, const Execution& execution)
    : weights_(std::move(weights)),
      images_(images),
      execution_(execution),
      rest_(std::move(graph), weights_, {.batch = images_.shape()[0], .precision = execution.precision, .engine = execution.engine}) {}

bool WatchedNetwork::is_watched(const Tensor& x) const {
  return x.data() == images_.data() || (x.shape() == images_.shape() && std::memcmp(x.data(), images_.data(), x.span().size_bytes()) == 0);
}

Tensor WatchedNetwork::table(const Tensor& x, const Objective& objective) {
  if (gives_logits(objective) && is_watched(x))
    for (const auto& [other, answer] : answers_)
      if (gives_logits(other) && answer.version == weights_->version()) return answer.program->logits();
  return rest_.table(x, objective);
}

Slope WatchedNetwork::slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) {
  if (!is_watched(x)) return rest_.slope(x, objective, targets);
  require(static_cast<int64_t>(targets.size()) == x.shape()[0], "{} targets for {} images", targets.size(), x.shape()[0]);
  Answer& answer = answers_[objective];
  if (!answer.program) {
    answer.program = compile_slopes(rest_.graph(), weights_, objective,
                                    {.batch = x.shape()[0], .precision = execution_.precision, .engine = execution_.engine});
    std::copy_n(x.data(), x.size(), answer.program->input(kPixels).data());
  }
  Program& program = *answer.program;
  const bool known =
      answer.version == weights_->version() && std::equal(targets.begin(), targets.end(), answer.targets.begin(), answer.targets.end());
  if (!known) {
    for (size_t n = 0; n < targets.size(); ++n) {
      require_target(targets[n], program.logits().shape()[1], objective);
      program.input(kLabels)[static_cast<int64_t>(n)] = static_cast<float>(targets[n]);
    }
    program.run({});
    answer.targets.assign(targets.begin(), targets.end());
    answer.version = weights_->version();
  }
  return {program.gradient(kPixels), values(program.logits(), objective, targets), program.logits()};
}

TrainingWatch::TrainingWatch(Recorder recorder, Graph graph, const Execution& execution)
    : recorder_(std::move(recorder)), graph_(std::move(graph)), execution_(execution), frames_before_(recorder_.frames()) {}

void TrainingWatch::before_update(const BeforeUpdate& update) {
  const Timer timer;
  if (weights_ != update.weights) {
    weights_ = update.weights;
    subject_ = std::make_unique<WatchedNetwork>(graph_, weights_, recorder_.images(), execution_);
  }
  recorder_.record(*subject_, update.step);
  seconds_ += timer.seconds();
}

void TrainingWatch::keep() {
  const Timer timer;
  recorder_.keep();
  seconds_ += timer.seconds();
}

void TrainingWatch::finish(const Checkpoint& last, int64_t updates) {
  WatchedNetwork subject(last.graph, std::make_shared<Weights>(last.graph, last.tensors), recorder_.images(), execution_);
  recorder_.record_last(subject, updates);
  recorder_.keep();
}

void attach(const std::shared_ptr<TrainingWatch>& watch, TrainHooks& hooks) {
  hooks.observers.push_back(watch);
  hooks.progress = [watch, before = std::move(hooks.progress)](const TrainProgress& p) {
    if (p.step == p.steps) watch->keep();
    if (before) before(p);
  };
  hooks.epoch_done = [watch, before = std::move(hooks.epoch_done)](const EpochMetrics& m) {
    watch->epoch_done(m);
    if (before) before(m);
  };
  hooks.stop = [watch, before = std::move(hooks.stop)] {
    const bool stop = before && before();
    if (stop) watch->keep();
    return stop;
  };
}

std::vector<int64_t> watch_targets(const std::string& target, const Pictures& pictures) {
  if (target == "predicted") return {};
  if (target == "true") return pictures.labels;
  return std::vector<int64_t>(pictures.numbers.size(), parse_class(target, pictures.classes));
}

void draw_watch(const Path& folder, double frames_per_second, const std::function<void(const Path&)>& drawn) {
  const WatchRecord record = read_watch(folder);
  const WatchSurvey seen = survey(folder, record);
  if (seen.updates.empty()) return;
  for (int64_t m = 0; m < std::ssize(record.methods); ++m) {
    WatchFilm film(folder, record, seen, m);
    Animation animation(film.rows(), film.columns(), frames_per_second);
    for_each_frame(folder, record, [&](const WatchFrames& frames, int64_t f) { animation.add(film.frame(frames, f)); });
    const Path file = folder / record.methods[static_cast<size_t>(m)].video;
    write_file(file, animation.finish());
    if (drawn) drawn(file);
  }

  std::string changes;
  std::vector<int32_t> before;
  for_each_frame(folder, record, [&](const WatchFrames& frames, int64_t f) {
    const auto now = frames.predicted.begin() + f * frames.images;
    for (int64_t n = 0; n < frames.images && !before.empty(); ++n) {
      if (before[static_cast<size_t>(n)] == now[n]) continue;
      const Json change = {{"update", frames.updates[static_cast<size_t>(f)]},
                           {"image", record.images[static_cast<size_t>(n)].image},
                           {"from", class_name(record.classes, before[static_cast<size_t>(n)])},
                           {"to", class_name(record.classes, now[n])}};
      changes += change.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    }
    before.assign(now, now + frames.images);
  });
  write_file(folder / kWatchChanges, changes);
}

}  // namespace convscope

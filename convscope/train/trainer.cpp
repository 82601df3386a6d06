#include "convscope/train/trainer.h"

#include <algorithm>
#include <optional>

#include "convscope/base/join.h"
#include "convscope/base/json_file.h"
#include "convscope/base/machine.h"
#include "convscope/base/threads.h"
#include "convscope/base/version.h"
#include "convscope/data/batches.h"
#include "convscope/data/sample_names.h"
#include "convscope/results/provenance.h"
#include "convscope/train/ending.h"
#include "convscope/train/learner.h"
#include "convscope/train/meters.h"
#include "convscope/train/published_meter.h"
#include "convscope/train/run_folder.h"
#include "convscope/train/schedule.h"

namespace convscope {

namespace {

constexpr int64_t kTestBatch = 256;

/** The epochs that were done before the one that a checkpoint stands in. */
std::vector<EpochMetrics> metrics_before(int64_t epoch, const Path& run) {
  std::vector<EpochMetrics> metrics = read_metrics(run / kMetrics);
  std::erase_if(metrics, [&](const EpochMetrics& m) { return m.epoch > epoch; });
  return metrics;
}

bool is_at_its_end(const TrainOptions& options, int64_t epoch, std::span<const EpochMetrics> metrics) {
  return epoch >= options.epochs || !ended_by(options, metrics).empty();
}

/** What somebody may change who sees that nothing is learnt. */
std::string what_to_try(const TrainOptions& options, int64_t epoch) {
  std::vector<std::string> ways;
  ways.push_back(epoch < options.epochs ? "wait for the next epoch" : "more `epochs`");
  if (options.preset != kAutoPreset) ways.push_back("`preset` auto, which chooses by network and data");
  ways.push_back(options.lr > 0 ? fmt::format("a tenth of `lr` {:.3g}, or ten times as much", options.lr) : "an `lr` above 0");
  return fmt::format("What to try: {}", join(ways, "; "));
}

/** On every rank; the root alone has the file. */
Checkpoint checkpoint_of_root(const Path& file, Ranks& ranks) {
  if (ranks.is_alone()) return load_checkpoint(file);
  return parse_checkpoint(ranks.from_root(ranks.is_root() ? read_file(file) : std::string()), file.string());
}

/** What decides the bytes that an update comes to. */
void require_alike_training(Ranks& ranks, const TrainOptions& options, const TrainData& data) {
  if (ranks.is_alone()) return;
  std::vector<SharedFact> same;
  const Json all = fields_to_json(options);
  for (const auto& [name, value] : all.items()) same.push_back({fmt::format("`{}`", name), value.dump()});
  same.push_back({"the count of threads", std::to_string(threads())});
  same.push_back({"the count of training samples", std::to_string(data.train->size())});
  same.push_back({"the list of training samples", data.trained_on.digest});
  same.push_back({"the digest of training pixels", digest_of_pixels(*data.train)});
  same.push_back({"the count of test samples", std::to_string(data.test ? data.test->size() : 0)});
  same.push_back({"the digest of test pixels", data.test ? digest_of_pixels(*data.test) : ""});
  require_alike(ranks, same);
}

/** The loop over epochs and their updates, and what it leaves in the run folder. */
class Training {
 public:
  Training(const TrainOptions& options, const TrainData& data, const Path& run, const TrainHooks& hooks)
      : options_(options),
        data_(data),
        run_(run),
        hooks_(hooks),
        order_(data.train->size(), options.shuffle, static_cast<uint64_t>(options.seed)),
        schedule_(schedules().make(parse_choice(options.schedule))),
        learner_(options, data.train, hooks),
        ranks_(*hooks.ranks) {
    require(data_.test || (options_.patience == 0 && options_.stop_at == 0),
            "train: patience and stop_at look at the accuracy on test data, and there are none");
  }

  const Graph& network() const { return learner_.network(); }
  /** What can be said against the options before anything is written. */
  void check() const { learner_.check(); }

  void start() {
    learner_.start();
    require_alike_layouts();
    set_up_meters();
  }

  void resume(const Checkpoint& saved) {
    const std::string file = (run_ / kLastNetwork).string();
    check_parameters(learner_.network(), saved.tensors, file);
    position_ = position_of(saved, file);
    metrics_ = metrics_of_all(ranks_.is_root() ? metrics_before(position_.epoch, run_) : std::vector<EpochMetrics>());
    if (ranks_.is_root()) write_metrics(run_ / kMetrics, metrics_);
    if (finished()) return;  // a finished network has no moments any more where its schedule is at its end
    const int64_t updates = learner_.updates_per_epoch();
    require(position_.step <= updates, "{}: update {} of an epoch that has {}", file, position_.step, updates);
    learner_.resume(saved, file);
    require_alike_layouts();
    set_up_meters();
  }

  TrainResult go() {
    while (!finished()) {
      if (!train_epoch()) return {Ending::stopped, metrics_};
      finish_epoch();
    }
    return {Ending::finished, metrics_};
  }

 private:
  bool finished() const { return is_at_its_end(options_, position_.epoch, metrics_); }

  void set_up_meters() {
    std::unique_ptr<Evaluator> test;
    if (data_.test)
      test = std::make_unique<Evaluator>(learner_.network(), learner_.answering(), data_.test,
                                         execution_of(options_.precision, options_.engine), kTestBatch, options_.loss);
    if (test) test->share_out(hooks_.ranks);
    if (test && options_.meters == "published") test->keep_losses();
    meters_ = std::make_unique<Meters>(options_, std::move(test), data_.test_is_validation);
  }

  /** What the root knows, on every rank. */
  std::vector<EpochMetrics> metrics_of_all(const std::vector<EpochMetrics>& known) const {
    if (ranks_.is_alone()) return known;
    std::string lines;
    for (const EpochMetrics& m : known) lines += metrics_line(m) + "\n";
    return parse_metrics(ranks_.from_root(lines), "the root's metrics");
  }

  void require_alike_layouts() const {
    if (ranks_.is_alone()) return;
    const SharedFact same[] = {{"the order in which its processor has the parameters", learner_.layout()},
                               {"the network and the weights that it begins with", learner_.digest()}};
    require_alike(ranks_, same);
  }

  /** False where somebody asked to stop: the state is then saved. */
  bool train_epoch() {
    const Batches batches(order_.indices(static_cast<uint64_t>(position_.epoch)), std::min(options_.batch, data_.train->size()),
                          options_.drop_last ? LastBatch::drop : LastBatch::keep);
    const int64_t updates = learner_.updates_per_epoch();
    if (position_.step == 0 && watches_for_collapse()) save(kNetworkBefore, true);
    meters_->begin(position_);
    while (position_.step < updates) {
      const bool asked = update(batches[position_.step / learner_.replays()]);
      if (hooks_.progress) hooks_.progress(meters_->progress(position_, learner_.samples_per_epoch(), updates));
      if (ranks_.is_alone() ? hooks_.stop && hooks_.stop() : asked) {
        meters_->pause(position_);
        if (hooks_.pausing && ranks_.is_root()) hooks_.pausing();
        save(kLastNetwork, false);
        return false;
      }
    }
    meters_->end(position_);
    return true;
  }

  /** Whether a rank of several was asked to end. */
  bool update(std::span<const int64_t> indices) {
    const int64_t steps = learner_.updates_per_epoch(), step = position_.epoch * steps + position_.step;
    position_.rate = options_.lr * schedule_->factor({step, steps, steps * options_.epochs});
    const Learner::Place place{position_.epoch, step, position_.rate};
    const Learner::Pass pass = learner_.pass(indices, place);
    if (pass.fault)
      fail("the loss is not finite in epoch {}, step {} (learning rate {:.3g}); first in {}. A lower `lr` or a warm-up helps{}",
           position_.epoch + 1, position_.step + 1, position_.rate, *pass.fault, kept());
    learner_.update(place);
    meters_->wait(pass.waited);
    position_.loss += pass.loss;
    position_.correct += pass.correct;
    position_.seen += pass.seen;
    if (pass.seen == options_.batch) smooth(pass);
    ++position_.step;
    return pass.stop;
  }

  /** What the published meter makes of a full batch. */
  void smooth(const Learner::Pass& pass) {
    const double seen = static_cast<double>(pass.seen);
    position_.smoothed_accuracy = smoothed_on(position_.smoothed_accuracy, static_cast<double>(pass.correct) / seen);
    position_.smoothed_loss = smoothed_on(position_.smoothed_loss, pass.loss / seen);
  }

  void finish_epoch() {
    require_finite_weights();
    EpochMetrics m = meters_->metrics(position_, metrics_);
    if (hooks_.gauge) hooks_.gauge({learner_.network(), learner_.answering()}, m);
    m = metrics_of_all({m}).front();
    const EpochMetrics* best = best_epoch(metrics_);
    const bool better = was_tested(m) && (!best || m.choosing_accuracy() > best->choosing_accuracy());
    metrics_.push_back(m);
    const bool collapsed = ended_by(options_, metrics_) == kCollapse;

    // The checkpoint comes last: a run that dies before it repeats the epoch and strikes out its line, it never lacks one.
    if (better) save(kBestNetwork, true);
    if (ranks_.is_root()) append_metrics(run_ / kMetrics, m);
    position_ = {.epoch = position_.epoch + 1, .smoothed_accuracy = position_.smoothed_accuracy, .smoothed_loss = position_.smoothed_loss};
    if (collapsed) go_back(m);
    const bool last = finished();
    if (last || m.epoch % std::max<int64_t>(1, options_.save_every) == 0) save(kLastNetwork, last);
    if (last && ranks_.is_root()) std::filesystem::remove(run_ / kNetworkBefore);
    if (hooks_.epoch_done) hooks_.epoch_done(m);
    if (ranks_.is_root()) tell_whether_it_learns(m);
  }

  /** The network of the epoch before is what the training gives. */
  void go_back(const EpochMetrics& m) {
    const Path before = run_ / kNetworkBefore;
    const EpochMetrics& then = metrics_[metrics_.size() - 2];
    learner_.go_back(checkpoint_of_root(before, ranks_));
    if (hooks_.tell)
      hooks_.tell(
          fmt::format("CATASTROPHIC OVERFITTING in epoch {}: of training pictures under attack {:.1f} % are right, after {:.1f} %; the "
                      "training ends with the network of epoch {}",
                      m.epoch, 100 * m.robust_train_accuracy, 100 * then.robust_train_accuracy, then.epoch));
  }

  /** Somebody has to measure it. */
  bool watches_for_collapse() const { return hooks_.gauge && bears_no_collapse(options_); }

  /** Once, where it begins to look so: after the first epoch, as a rule. */
  void tell_whether_it_learns(const EpochMetrics& m) {
    const std::vector<std::string> signs = meters_->signs_of_not_learning(m, data_.train->size());
    if (!signs.empty() && !nothing_learnt_ && hooks_.tell)
      hooks_.tell(fmt::format("NOTHING LEARNT after epoch {}: {}. {}", m.epoch, join(signs, "; "), what_to_try(options_, m.epoch)));
    nothing_learnt_ = !signs.empty();
  }

  /** No checkpoint holds what is not a number: the one before stays. */
  void require_finite_weights() const {
    const Weights& weights = learner_.state().weights;
    for (const Weights::Entry& e : weights.entries())
      require(all_finite(weights.get(e.name).span()),
              "parameter '{}' is not finite after epoch {}, update {}. A lower `lr` or a warm-up helps, in a new `run`{}", e.name,
              position_.epoch + 1, position_.step, kept());
  }

  std::string kept() const { return std::filesystem::exists(run_ / kLastNetwork) ? "; the last checkpoint is whole" : ""; }

  void save(std::string_view file, bool finished) {
    if (!ranks_.is_root()) return;
    Checkpoint c;
    c.graph = learner_.network();
    c.classes = data_.train->classes();
    c.model = options_.model;
    c.notes = {{"data", options_.data}, {"normalize", options_.normalize}, {"trained_on", fields_to_json(data_.trained_on)}};
    if (file == kLastNetwork) c.state.metadata["position"] = fields_to_json(position_).dump();
    fill(c, learner_.state(), !finished || schedule_->endless());
    save_checkpoint(run_ / file, c);
  }

  const TrainOptions& options_;
  const TrainData& data_;
  const Path& run_;
  const TrainHooks& hooks_;
  Order order_;
  std::unique_ptr<Schedule> schedule_;
  Learner learner_;
  Ranks& ranks_;
  std::unique_ptr<Meters> meters_;
  std::vector<EpochMetrics> metrics_;  // of the epochs that are done
  Position position_;
  bool nothing_learnt_ = false;  // after the last epoch, by what was told
};

/** What is asked for and where; the network has no file yet. */
Json run_description(const TrainOptions& options, const TrainData& data, const Graph& network, const Ranks& ranks) {
  Provenance origin;
  origin.network.name = options.model;
  origin.network.preprocessing = options.normalize;
  origin.network.parameters = parameter_count(network);
  origin.data = {.name = options.data,
                 .folder = data.trained_on.folder,
                 .split = "train",
                 .limit = options.limit,
                 .count = data.train->size(),
                 .digest = data.trained_on.digest};
  return {{"network", fields_to_json(origin.network)},
          {"data", fields_to_json(origin.data)},
          {"options", fields_to_json(options)},
          {"seed", options.seed},
          {"version", version()},
          {"processor", machine().processor},
          {"machine", {{"processor", machine().processor}, {"threads", threads()}, {"bf16", machine().bf16}, {"ranks", ranks.size()}}}};
}

/** A run that goes on for more epochs than it was started with says so; all else is told as it began. */
void keep_epochs(const Path& run, int64_t epochs) {
  Json j = read_json(run / kRunFile);
  if (j["options"]["epochs"] == epochs) return;
  j["options"]["epochs"] = epochs;
  write_json(run / kRunFile, j);
}

}  // namespace

bool is_finished(const TrainOptions& options, const Path& run) {
  if (!std::filesystem::exists(run / kLastNetwork)) return false;
  const int64_t epoch = position_of(load_checkpoint(run / kLastNetwork), (run / kLastNetwork).string()).epoch;
  return is_at_its_end(options, epoch, metrics_before(epoch, run));
}

TrainResult train(const TrainOptions& options, const TrainData& data, const Path& run, bool resume, const TrainHooks& hooks) {
  Ranks& ranks = *hooks.ranks;
  require(options.shards > 1 || ranks.is_alone(), "`shards` 1: {0} ranks have nothing to share out; {0} or a multiple of it was wanted",
          ranks.size());
  require_alike_training(ranks, options, data);
  Training training(options, data, run, hooks);
  std::optional<FolderLock> lock;
  bool started = false;
  if (ranks.is_root()) {
    started = std::filesystem::exists(run / kLastNetwork);
    require(resume || !started, "{}: there is a run already; `resume` goes on with it, another `run` starts a new one", run.string());
    if (!resume) training.check();
    make_folder(run);
    lock.emplace(run);
  }
  if (!ranks.from_root(resume && started ? "goes on" : "").empty()) {
    training.resume(checkpoint_of_root(run / kLastNetwork, ranks));
    if (ranks.is_root()) keep_epochs(run, options.epochs);
  } else {
    training.start();
    if (ranks.is_root()) {
      write_json(run / kRunFile, run_description(options, data, training.network(), ranks));
      write_metrics(run / kMetrics, {});
    }
  }
  return training.go();
}

}  // namespace convscope

#include "convscope/train/trainer.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/json_file.h"
#include "convscope/base/machine.h"
#include "convscope/base/threads.h"
#include "convscope/base/timer.h"
#include "convscope/base/version.h"
#include "convscope/data/batches.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"
#include "convscope/train/clipping.h"
#include "convscope/train/decay.h"
#include "convscope/train/diagnosis.h"
#include "convscope/train/ending.h"
#include "convscope/train/evaluator.h"
#include "convscope/train/loss.h"
#include "convscope/train/normalization.h"
#include "convscope/train/optimiser.h"
#include "convscope/train/published_meter.h"
#include "convscope/train/run_folder.h"
#include "convscope/train/schedule.h"
#include "convscope/train/training_state.h"
#include "convscope/train/weight_average.h"

namespace convscope {

namespace {

class Training {
 public:
  Training(const TrainOptions& options, const TrainData& data, const Path& run, const TrainHooks& hooks)
      : options_(options),
        data_(data),
        run_(run),
        hooks_(hooks),
        order_(data.train->size(), options.shuffle, static_cast<uint64_t>(options.seed)),
        optimiser_(optimisers().make(parse_choice(options.optimiser))),
        schedule_(schedules().make(parse_choice(options.schedule))),
        loss_(losses().make(parse_choice(options.loss))) {
    require(data_.train->size() > 0, "the training data are empty");
    require(data_.test || (options_.patience == 0 && options_.stop_at == 0),
            "train: patience and stop_at look at the accuracy on test data, and there are none");
    network_ =
        models()
            .make(parse_choice(options.model))
            ->build(data.train->image_shape(), static_cast<int64_t>(data.train->classes().size()), parse_normalization(options.normalize));
  }

  /** What can be said against the options before anything is written. */
  void check() const {
    (void)first_weights();
    for (const auto& observer : hooks_.observers) (void)observer->taps(network_);
  }

  void start() {
    weights_ = std::make_shared<Weights>(network_, first_weights());
    compile_programs();
  }

  void resume(const Checkpoint& saved) {
    const std::string file = (run_ / kLastNetwork).string();
    check_parameters(network_, saved.tensors, file);
    position_ = position_of(saved, file);
    metrics_ = read_metrics(run_ / kMetrics);
    std::erase_if(metrics_, [&](const EpochMetrics& m) { return m.epoch > position_.epoch; });
    write_metrics(run_ / kMetrics, metrics_);
    if (finished()) return;  // a finished network has no moments any more
    const std::map<std::string, Tensor> raw = raw_weights(saved, options_.ema > 0);
    check_parameters(network_, raw, file);
    weights_ = std::make_shared<Weights>(network_, raw);
    compile_programs();
    if (average_) average_->set(saved.tensors);
    require(position_.step <= steps_per_epoch_, "{}: update {} of an epoch that has {}", file, position_.step, steps_per_epoch_);
    restore_moments(saved, *weights_, moments_, file);
  }

  TrainResult go() {
    while (!finished()) {
      if (!train_epoch()) return {Ending::stopped, metrics_};
      finish_epoch();
    }
    return {Ending::finished, metrics_};
  }

  bool finished() const { return position_.epoch >= options_.epochs || !ended_by(options_, metrics_).empty(); }

 private:
  std::map<std::string, Tensor> first_weights() const {
    if (options_.from.empty()) return initialise(network_, static_cast<uint64_t>(options_.seed));
    Checkpoint other = load_network(options_.from);
    check_parameters(network_, other.tensors, "`from` " + options_.from);
    return std::move(other.tensors);
  }

  Execution execution() const { return execution_of(options_.precision, options_.engine); }

  Request request(int64_t batch) const {
    Request r;
    r.purpose = Purpose::train;
    r.precision = execution().precision;
    r.engine = execution().engine;
    r.batch = batch;
    r.objective = loss_->objective();
    for (const auto& observer : hooks_.observers) r.taps.merge(observer->taps(network_));
    return r;
  }

  /** Everything is compiled before the first step: one program for full batches, one for a last batch that is not full. */
  void compile_programs() {
    const int64_t size = data_.train->size(), full = std::min(options_.batch, size), rest = size % full;
    steps_per_epoch_ = size / full + (rest > 0 && !options_.drop_last ? 1 : 0);
    programs_[full] = compile(network_, weights_, request(full));
    if (rest > 0 && !options_.drop_last) programs_[rest] = compile(network_, weights_, request(rest));
    // The first training program has arranged the weights: from here on the average and the moments lie as they do.
    if (options_.ema > 0) average_ = std::make_unique<WeightAverage>(network_, *weights_, options_.ema);
    if (options_.decay_on == "kernels") decayed_ = decay_on_kernels(network_, *weights_);
    if (data_.test) test_ = std::make_unique<Evaluator>(network_, answering(), data_.test, execution(), 256, options_.loss);
    moments_.clear();
    for (int i = 0; i < optimiser_->moments(); ++i) moments_.emplace_back(Shape{weights_->trained_floats()});
  }

  /** The network that is evaluated and kept. */
  const std::shared_ptr<Weights>& answering() const { return average_ ? average_->weights() : weights_; }

  /** False where somebody asked to stop: the state is then saved. */
  bool train_epoch() {
    const Batches batches(order_.indices(static_cast<uint64_t>(position_.epoch)), std::min(options_.batch, data_.train->size()),
                          options_.drop_last ? LastBatch::drop : LastBatch::keep);
    epoch_timer_.restart();
    waited_ = 0;
    const int64_t seen_before = position_.seen;
    for (; position_.step < batches.count();) {
      update(batches[position_.step]);
      ++position_.step;
      if (hooks_.progress) tell_progress(position_.seen - seen_before);
      if (hooks_.stop && hooks_.stop()) {
        save(kLastNetwork, false);
        return false;
      }
    }
    position_.seconds = std::max(1e-9, epoch_timer_.seconds());  // a run stopped behind an epoch's last update resumes with none left
    images_per_second_ = static_cast<double>(position_.seen - seen_before) / position_.seconds;
    return true;
  }

  void update(std::span<const int64_t> indices) {
    const int64_t count = static_cast<int64_t>(indices.size());
    Program& program = *programs_.at(count);
    numbers_.resize(indices.size());
    Timer timer;
    read_batch(*data_.train, indices, static_cast<uint64_t>(position_.epoch), program.input(kPixels).span(), program.input(kLabels).span(),
               numbers_);
    waited_ += timer.seconds();

    const int64_t step = position_.epoch * steps_per_epoch_ + position_.step;
    position_.rate = options_.lr * schedule_->factor({step, steps_per_epoch_, steps_per_epoch_ * options_.epochs});
    const RunContext context{static_cast<uint64_t>(options_.seed), static_cast<uint64_t>(position_.epoch), numbers_};
    for (const auto& observer : hooks_.observers) observer->before_update({position_.epoch, step, position_.rate, weights_});
    program.run(context);
    const double loss = program.objective();
    for (const auto& observer : hooks_.observers) observer->after_pass({position_.epoch, step, network_, *weights_, program});
    if (!std::isfinite(loss)) report_non_finite(program, count, context);
    position_.loss += loss_->sums() ? loss : loss * static_cast<double>(count);
    position_.seen += count;
    for (int64_t n = 0; n < count; ++n)
      position_.correct += argmax(program.logits().row(n)) == static_cast<int64_t>(program.input(kLabels)[n]);

    if (hooks_.reducer) hooks_.reducer->reduce(program.parameter_gradients());
    clip_gradients(program.parameter_gradients(), options_.clip_value, options_.clip_norm);
    std::vector<std::span<float>> moments;
    for (Tensor& m : moments_) moments.push_back(m.span());
    optimiser_->update({weights_->trained(), program.parameter_gradients(), std::move(moments), position_.rate, step + 1, decayed_});
    weights_->changed();
    if (average_) average_->update(*weights_, step + 1);
  }

  std::string kept() const { return std::filesystem::exists(run_ / kLastNetwork) ? "; the last checkpoint is whole" : ""; }

  [[noreturn]] void report_non_finite(Program& program, int64_t count, const RunContext& context) {
    const std::string where = first_non_finite(network_, weights_, request(count), program.input(kPixels), program.input(kLabels), context);
    fail("the loss is not finite in epoch {}, step {} (learning rate {:.3g}); first in {}. A lower `lr` or a warm-up helps{}",
         position_.epoch + 1, position_.step + 1, position_.rate, where, kept());
  }

  void tell_progress(int64_t seen_now) {
    const double seconds = epoch_timer_.seconds();
    const double rate = static_cast<double>(seen_now) / seconds;
    const double left = static_cast<double>((options_.epochs - position_.epoch) * data_.train->size() - position_.seen);
    hooks_.progress({position_.epoch, options_.epochs, position_.step, steps_per_epoch_,
                     position_.loss / static_cast<double>(position_.seen),
                     static_cast<double>(position_.correct) / static_cast<double>(position_.seen), rate, left / rate});
  }

  void finish_epoch() {
    require_finite_weights();
    EpochMetrics m;
    m.epoch = position_.epoch + 1;
    m.lr = position_.rate;
    m.train_loss = position_.loss / static_cast<double>(position_.seen);
    m.train_accuracy = static_cast<double>(position_.correct) / static_cast<double>(position_.seen);
    m.seconds = position_.seconds;
    m.images_per_second = images_per_second_;
    m.data_wait = waited_ / position_.seconds;
    if (test_) {
      const Evaluation e = test_->run();
      (data_.test_is_validation ? m.validation_loss : m.test_loss) = e.loss;
      (data_.test_is_validation ? m.validation_accuracy : m.test_accuracy) = e.accuracy;
      if (options_.meters == "published") read_published_meter(m);
    }
    const EpochMetrics* best = best_epoch(metrics_);
    const bool better = was_tested(m) && (!best || m.judged_accuracy() > best->judged_accuracy());
    metrics_.push_back(m);

    // The checkpoint comes last: a run that dies before it repeats the epoch and strikes out its line, it never lacks one.
    if (better) save(kBestNetwork, true);
    append_metrics(run_ / kMetrics, m);
    position_ = {.epoch = position_.epoch + 1};
    const bool last = finished();
    if (last || m.epoch % std::max<int64_t>(1, options_.save_every) == 0) save(kLastNetwork, last);
    if (hooks_.epoch_done) hooks_.epoch_done(m);
  }

  void read_published_meter(EpochMetrics& m) const {
    PublishedMeter meter;
    if (!metrics_.empty() && std::isfinite(metrics_.back().test_accuracy_smoothed)) meter.smoothed = metrics_.back().test_accuracy_smoothed;
    meter.look(test_->right(), options_.batch);
    m.test_accuracy_smoothed = meter.smoothed;
    m.test_accuracy_batch_mean = meter.batch_mean;
  }

  /** No checkpoint holds what is not a number: the one before stays. */
  void require_finite_weights() const {
    for (const Weights::Entry& e : weights_->entries())
      require(all_finite(weights_->get(e.name).span()),
              "parameter '{}' is not finite after epoch {}, update {}. A lower `lr` or a warm-up helps, in a new `run`{}", e.name,
              position_.epoch + 1, position_.step, kept());
  }

  void save(std::string_view file, bool finished) {
    Checkpoint c;
    c.graph = network_;
    c.classes = data_.train->classes();
    c.model = options_.model;
    c.notes = {{"data", options_.data}, {"normalize", options_.normalize}, {"trained_on", fields_to_json(data_.trained_on)}};
    if (file == kLastNetwork) c.state.metadata["position"] = fields_to_json(position_).dump();
    fill(c, {*weights_, *answering(), moments_}, !finished);
    save_checkpoint(run_ / file, c);
  }

  const TrainOptions options_;
  const TrainData data_;
  const Path run_;
  const TrainHooks& hooks_;
  Order order_;
  std::unique_ptr<Optimiser> optimiser_;
  std::unique_ptr<Schedule> schedule_;
  std::unique_ptr<Loss> loss_;
  Graph network_;
  std::shared_ptr<Weights> weights_;
  std::map<int64_t, std::unique_ptr<Program>> programs_;  // by batch size
  std::unique_ptr<WeightAverage> average_;
  std::unique_ptr<Evaluator> test_;
  std::vector<Tensor> moments_;
  std::vector<float> decayed_;
  std::vector<int64_t> numbers_;
  std::vector<EpochMetrics> metrics_;
  Position position_;
  int64_t steps_per_epoch_ = 1;
  double waited_ = 0, images_per_second_ = 0;
  Timer epoch_timer_;
};

Json run_description(const TrainOptions& options) {
  return {{"options", fields_to_json(options)},
          {"version", version()},
          {"machine", {{"processor", machine().processor}, {"threads", threads()}, {"bf16", machine().bf16}}}};
}

}  // namespace

bool is_finished(const TrainOptions& options, const Path& run) {
  if (!std::filesystem::exists(run / kLastNetwork)) return false;
  const int64_t done = position_of(load_checkpoint(run / kLastNetwork), (run / kLastNetwork).string()).epoch;
  std::vector<EpochMetrics> metrics = read_metrics(run / kMetrics);
  std::erase_if(metrics, [&](const EpochMetrics& m) { return m.epoch > done; });
  return done >= options.epochs || !ended_by(options, metrics).empty();
}

TrainResult train(const TrainOptions& options, const TrainData& data, const Path& run, bool resume, const TrainHooks& hooks) {
  Training training(options, data, run, hooks);
  const bool started = std::filesystem::exists(run / kLastNetwork);
  require(resume || !started, "{}: there is a run already; `resume` goes on with it, another `run` starts a new one", run.string());
  if (!resume) training.check();
  make_folder(run);
  const FolderLock lock(run);
  if (resume && started) {
    const Checkpoint saved = load_checkpoint(run / kLastNetwork);
    training.resume(saved);
  } else {
    training.start();
    write_json(run / kRunFile, run_description(options));
    write_metrics(run / kMetrics, {});
  }
  return training.go();
}

}  // namespace convscope

#include "convscope/study/train_into.h"

#include <cmath>

#include "convscope/report/learning_curves.h"
#include "convscope/study/evaluate_into.h"
#include "convscope/train/ending.h"
#include "convscope/train/evaluator.h"
#include "convscope/train/run_folder.h"

namespace convscope {

namespace {

std::string subtitle(const TrainOptions& o) {
  return fmt::format("{}, batch {}, {}, learning rate {}, seed {}{}{}", fmt::format("{} epoch{}", o.epochs, o.epochs == 1 ? "" : "s"),
                     o.batch, o.optimiser, o.lr, o.seed, o.preset.empty() ? "" : ", preset " + o.preset,
                     o.validation > 0 ? "; test values are those of held-out samples" : "");
}

Evaluation evaluate_file(const Path& file, const std::shared_ptr<const Dataset>& data, const Execution& execution) {
  const Checkpoint c = load_checkpoint(file);
  return Evaluator(c.graph, std::make_shared<Weights>(c.graph, c.tensors), data, execution).run();
}

/** A finished training: its networks on the test set, in numbers and pictures. */
void evaluate_run(TrainingSummary& s, const TrainOptions& o, const TrainData& data, std::span<const Path> roots) {
  const Path run = s.run;
  const Execution execution = execution_of(o.precision, o.engine);
  const auto test = data.test_is_validation ? open_split(o, Split::test, roots) : data.test;
  const Checkpoint c = load_checkpoint(run / kLastNetwork);
  const Evaluation last =
      evaluate_into(run, {c.graph, std::make_shared<Weights>(c.graph, c.tensors), test, o.model, o.data + ", test", execution});
  s.accuracy = last.accuracy;
  s.accuracy_interval_95 = last.accuracy_interval_95;

  const auto metrics = read_metrics(run / kMetrics);
  const EpochMetrics* best = best_epoch(metrics);
  if (!best || !std::filesystem::exists(run / kBestNetwork)) return;
  const Evaluation chosen = evaluate_file(run / kBestNetwork, test, execution);
  s.best_epoch = best->epoch;
  s.best_accuracy = chosen.accuracy;
  s.best_accuracy_interval_95 = chosen.accuracy_interval_95;
  s.best_chosen_on = data.test_is_validation ? "validation" : "test";
}

/** What is known of the best epoch of a training that was stopped, with nothing evaluated again. */
void recall_best(TrainingSummary& s, const TrainData& data, std::span<const EpochMetrics> metrics) {
  const EpochMetrics* best = best_epoch(metrics);
  if (!best) return;
  s.best_epoch = best->epoch;
  s.best_chosen_on = data.test_is_validation ? "validation" : "test";
  if (data.test_is_validation) return;
  const int64_t total = data.test->size();
  s.best_accuracy = best->test_accuracy;
  s.best_accuracy_interval_95 = wilson_interval(std::llround(best->test_accuracy * static_cast<double>(total)), total);
}

}  // namespace

std::string training_title(const TrainOptions& o) { return fmt::format("{} on {}", o.model, o.data); }

TrainingSummary train_into(const Path& run, const TrainOptions& options, const TrainData& data, bool resume, std::span<const Path> roots,
                           TrainHooks hooks) {
  TrainingSummary summary;
  summary.run = run.string();
  summary.ending = "finished";
  if (!resume || !is_finished(options, run)) {
    const auto told = std::move(hooks.epoch_done);
    hooks.epoch_done = [&](const EpochMetrics& m) {
      if (told) told(m);
      write_learning_curves(run / kFigures, read_metrics(run / kMetrics), training_title(options), subtitle(options));
    };
    if (train(options, data, run, resume, hooks).ending == Ending::stopped) summary.ending = "stopped";
  }
  const auto metrics = read_metrics(run / kMetrics);
  summary.epochs = metrics.empty() ? 0 : metrics.back().epoch;
  if (summary.ending == "stopped") {
    recall_best(summary, data, metrics);
  } else {
    summary.ended_by = ended_by(options, metrics);
    evaluate_run(summary, options, data, roots);
  }
  return summary;
}

}  // namespace convscope

#include "convscope/cli/commands/train.h"

#include "convscope/cli/output.h"
#include "convscope/cli/progress_line.h"
#include "convscope/data/locate.h"
#include "convscope/report/confusion_matrix.h"
#include "convscope/report/learning_curves.h"
#include "convscope/results/training_summary.h"
#include "convscope/train/evaluator.h"
#include "convscope/train/run_folder.h"
#include "convscope/train/trainer.h"

namespace convscope {

namespace {

/** Options as a run.json holds them. */
Json options_in(const Path& file) {
  const Json j = parse_json(read_file(file, 1 << 20), file.string());
  require(j.is_object() && j.contains("options") && j["options"].is_object(), "{}: no options in it; a run folder's {} was wanted",
          file.string(), kRunFile);
  from_json<TrainOptions>(j["options"], file.string());
  return j["options"];
}

std::string title(const TrainOptions& o) { return fmt::format("{} on {}", o.model, o.data); }

std::string subtitle(const TrainOptions& o) {
  return fmt::format("{} epochs, batch {}, {}, learning rate {}, seed {}{}{}", o.epochs, o.batch, o.optimiser, o.lr, o.seed,
                     o.preset.empty() ? "" : ", preset " + o.preset, o.validation > 0 ? "; test values are those of held-out samples" : "");
}

Evaluation evaluate_file(const Path& file, const std::shared_ptr<const Dataset>& data, Precision precision) {
  const Checkpoint c = load_checkpoint(file);
  return Evaluator(c.graph, std::make_shared<Weights>(c.graph, c.tensors), data, precision).run();
}

/** A finished training: its networks on the test set, in numbers and pictures. */
void evaluate_run(TrainingSummary& s, const TrainOptions& o, const TrainData& data, std::span<const Path> roots) {
  const Path run = s.run;
  const Precision precision = precision_of(o.precision);
  const auto test = data.test_is_validation ? open_dataset(parse_choice(o.data), Split::test, roots) : data.test;
  const Evaluation last = evaluate_file(run / kLastNetwork, test, precision);
  s.accuracy = last.accuracy;
  s.accuracy_interval_95 = last.accuracy_interval_95;
  write_file(run / kEvaluation, evaluation_to_json(last).dump(2) + "\n");
  write_confusion_matrix(run / kFigures, last, title(o));

  const auto metrics = read_metrics(run / kMetrics);
  const EpochMetrics* best = best_epoch(metrics);
  if (!best || !std::filesystem::exists(run / kBestNetwork)) return;
  const Evaluation chosen = evaluate_file(run / kBestNetwork, test, precision);
  s.best_epoch = best->epoch;
  s.best_accuracy = chosen.accuracy;
  s.best_accuracy_interval_95 = chosen.accuracy_interval_95;
  s.best_chosen_on = data.test_is_validation ? "validation" : "test";
}

std::string shown(const TrainingSummary& s) {
  const auto cell = [](double accuracy, const std::array<double, 2>& interval) {
    return fmt::format("{}  (95 % interval {} to {})", percent(accuracy), percent(interval[0]), percent(interval[1]));
  };
  TextTable table({"test accuracy, last epoch", cell(s.accuracy, s.accuracy_interval_95)});
  if (s.best_epoch > 0)
    table.row({fmt::format("test accuracy, best epoch ({})", s.best_epoch),
               cell(s.best_accuracy, s.best_accuracy_interval_95) +
                   (s.best_chosen_on == "test" ? "  chosen on the test set" : "  chosen on held-out training samples")});
  const Path run = s.run;
  table.row({"networks", fmt::format("{}, {}", (run / kLastNetwork).string(), (run / kBestNetwork).string())});
  table.row({"figures", (run / kFigures).string()});
  table.row({"numbers", fmt::format("{}, {}", (run / kMetrics).string(), (run / kEvaluation).string())});
  return table.text();
}

}  // namespace

void TrainCommand::declare(Flags& flags) {
  flags.fields(place_);
  flags.fields(given_);
}

/** A flag over the preset named by a flag, over --config or the folder that is resumed, over the defaults. */
TrainOptions TrainCommand::resolved(const Flags& flags) const {
  const Path run = place_.run;
  const bool going_on = place_.resume && std::filesystem::exists(run / kLastNetwork);
  Json given = Json::object();
  if (!place_.config.empty()) {
    given = options_in(place_.config);
  } else if (place_.resume) {
    given = options_in(run / kRunFile);
  }
  const std::string preset_before = given.value("preset", "");
  if (flags.given("preset") && given_.preset != preset_before && !given_.preset.empty()) given.update(preset(given_.preset).values);
  given.update(flags.given_of<TrainOptions>());
  const auto require_said = [&](const char* key) {
    const std::string recipe = given.value("preset", "");
    if (given.contains(key) || (!recipe.empty() && preset(recipe).values.contains(key))) return;
    throw UsageError(fmt::format("train: --{} is missing; `convscope list {}` shows what is known", key, key));
  };
  require_said("model");
  require_said("data");
  const TrainOptions options = resolve_options(given);
  if (!going_on) return options;

  // Another option, the count of epochs among them, would make it neither the old run nor a new one.
  Json before = options_in(run / kRunFile), now = to_json(options);
  for (const auto& [key, value] : now.items())
    require(key == "save_every" || key == "preset" || !before.contains(key) || before[key] == value,
            "--{}: the run {} was started with {}, not {}; resume without it, or start anew in another --run", key, run.string(),
            shown(before[key]), shown(value));
  return options;
}

ExitStatus TrainCommand::run(const Session& session) {
  if (place_.run.empty()) throw UsageError("train: --run is missing: the folder that the training is kept in");
  const Path run = place_.run;
  if (place_.resume)
    require(std::filesystem::exists(run / kRunFile), "{}: no run to resume; leave out --resume to start one", run.string());
  else
    require(!std::filesystem::exists(run / kLastNetwork),
            "{}: there is a run already; --resume goes on with it, another --run starts a new one", run.string());
  const TrainOptions options = resolved(session.flags);
  const bool done_before = place_.resume && is_finished(options, run);

  const std::vector<Path> roots = data_roots(session.common.data_root);
  const TrainData data = train_data(options, roots);
  TrainingSummary summary;
  summary.run = run.string();
  summary.ending = "finished";
  if (done_before) {
    say(fmt::format("{}: finished, all {} epochs are done\n", run.string(), options.epochs));
  } else {
    ProgressLine line(on_terminal(), colours_welcome(), data.test_is_validation);
    TrainHooks hooks;
    hooks.progress = [&](const TrainProgress& p) { line.show(p); };
    hooks.epoch_done = [&](const EpochMetrics& m) {
      line.epoch_done(m, options.epochs);
      write_learning_curves(run / kFigures, read_metrics(run / kMetrics), title(options), subtitle(options));
    };
    hooks.stop = session.stop;
    if (train(options, data, run, place_.resume, hooks).ending == Ending::stopped) summary.ending = "stopped";
  }
  const auto metrics = read_metrics(run / kMetrics);
  summary.epochs = metrics.empty() ? 0 : metrics.back().epoch;

  const bool stopped = summary.ending == "stopped";
  if (stopped) {
    say(fmt::format("stopped after {} of {} epochs; all is kept: convscope train --run {} --resume\n", summary.epochs, options.epochs,
                    run.string()));
  } else {
    evaluate_run(summary, options, data, roots);
  }
  if (session.common.json) {
    print_json(result_to_json(summary));
  } else if (!stopped) {
    print(shown(summary));
  }
  return stopped ? ExitStatus::interrupted : ExitStatus::done;
}

std::vector<std::string> TrainCommand::about() const {
  return {
      "A run folder holds run.json (all options as resolved), metrics.jsonl (a line an epoch), model.safetensors (the last state), "
      "best.safetensors, figures/ and evaluation.json. Ctrl-C keeps the state; --resume goes on to the same bytes as without the "
      "interruption.",
      "A flag wins over the preset, the preset over --config, that over the defaults."};
}

std::vector<std::string> TrainCommand::examples() const {
  return {"convscope train --model deep --data fashion-mnist --preset fashion-deep --run runs/fashion",
          "convscope train --model resnet20 --data cifar10 --pad-crop 4 --flip --epochs 20 --run runs/cifar",
          "convscope train --run runs/cifar --resume", "convscope train --config runs/cifar/run.json --seed 2 --run runs/cifar-2"};
}

std::vector<FieldHelp> TrainCommand::json_keys() const { return help<TrainingSummary>(); }

}  // namespace convscope

#include "convscope/cli/commands/train.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/json_file.h"
#include "convscope/cli/commands/train_seeds.h"
#include "convscope/cli/network.h"
#include "convscope/cli/output.h"
#include "convscope/cli/progress_line.h"
#include "convscope/data/locate.h"
#include "convscope/report/page.h"
#include "convscope/results/training_summary.h"
#include "convscope/study/train_into.h"
#include "convscope/train/perturbation_debug.h"
#include "convscope/train/run_folder.h"
#include "convscope/train/trainer.h"

namespace convscope {

namespace {

/** pad_crop → pad-crop */
std::string flag_name(std::string field) {
  std::replace(field.begin(), field.end(), '_', '-');
  return field;
}

std::string epochs_text(int64_t count) { return fmt::format("{} epoch{}", count, count == 1 ? "" : "s"); }

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
  table.row({"report", (run / kReportFile).string()});
  table.row({"numbers", fmt::format("{}, {}", (run / kMetrics).string(), (run / kEvaluation).string())});
  return table.text();
}

}  // namespace

void TrainCommand::declare(Flags& flags) {
  flags.fields(place_);
  flags.fields(watch_);
  flags.fields(given_);
}

/** The seeds of a training with several, also of one that goes on; none where there is one training alone. */
std::vector<int64_t> TrainCommand::seeds(const Session& session) const {
  if (!place_.seeds.empty()) {
    const std::vector<int64_t> all = parse_seeds(place_.seeds, given_.seed);
    if (session.flags.given("seed") && place_.seeds.find(',') != std::string::npos)
      throw UsageError("train: --seeds names all seeds, --seed one more; leave one of them out");
    return all;
  }
  const Path file = Path(place_.run) / kSeedsFile;
  if (!place_.resume || !std::filesystem::exists(file)) return {};
  return record_from_json<SeedsSummary>(read_json(file, 1 << 20), file.string()).seeds;
}

/** A flag over the preset named by a flag, over --config or the folder that is resumed, over the defaults. */
TrainOptions TrainCommand::resolved(const Flags& flags, const Path& run, const Path& recipe_of, std::optional<int64_t> seed) const {
  const bool going_on = place_.resume && std::filesystem::exists(run / kLastNetwork);
  Json given = Json::object();
  if (!place_.config.empty()) {
    given = options_in(place_.config);
  } else if (place_.resume && std::filesystem::exists(recipe_of / kRunFile)) {
    given = options_in(recipe_of / kRunFile);
  }
  const std::string preset_before = given.value("preset", "");
  if (flags.given("preset") && given_.preset != preset_before && !given_.preset.empty()) given.update(preset(given_.preset).values);
  given.update(flags.given_of<TrainOptions>());
  if (seed) given["seed"] = *seed;
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
  const Json before = options_in(run / kRunFile), now = fields_to_json(options);
  if (const auto changed = changed_option(before, now))
    fail(
        "--{0}: the run {1} was started with {2}, not {3}, and a run keeps its options; resume without --{0}, or start another --run, with "
        "--from {1} where it is to begin with these weights",
        flag_name(*changed), run.string(), shown(before[*changed]), shown(now[*changed]));
  return options;
}

ExitStatus TrainCommand::run(const Session& session) {
  if (place_.run.empty()) throw UsageError("train: --run is missing: the folder that the training is kept in");
  const Path run = place_.run;
  const std::vector<int64_t> several = seeds(session);
  const Path first = several.empty() ? run : seed_folder(run, several.front());
  if (place_.resume)
    require(std::filesystem::exists(first / kRunFile), "{}: no run to resume; leave out --resume to start one", run.string());
  else
    require(!std::filesystem::exists(run / kLastNetwork) && !std::filesystem::exists(run / kSeedsFile),
            "{}: there is a run already; --resume goes on with it, another --run starts a new one", run.string());

  if (several.empty()) {
    const TrainingSummary summary = train_one(session, run, resolved(session.flags, run, run, std::nullopt));
    const bool stopped = summary.ending == "stopped";
    if (session.common.json)
      print_json(fields_to_json(summary));
    else if (!stopped)
      print(shown(summary));
    return stopped ? ExitStatus::interrupted : ExitStatus::done;
  }
  // What is wrong with the options is said before anything is written.
  for (const int64_t seed : several) (void)resolved(session.flags, seed_folder(run, seed), first, seed);
  const SeedsSummary summary = train_seeds(run, several, [&](const Path& folder, int64_t seed) {
    return train_one(session, folder, resolved(session.flags, folder, first, seed));
  });
  if (session.common.json)
    print_json(fields_to_json(summary));
  else
    print(seeds_table(summary));
  write_report(run);
  return summary.ending == "stopped" ? ExitStatus::interrupted : ExitStatus::done;
}

TrainingSummary TrainCommand::train_one(const Session& session, const Path& run, const TrainOptions& options) const {
  const bool resume = place_.resume && std::filesystem::exists(run / kRunFile);
  const bool done_before = resume && is_finished(options, run);
  const std::vector<Path> roots = data_roots(session.common.data_root);
  const TrainData data = train_data(options, roots);
  if (data.decoding) say(decoding_text(options.data, *data.decoding));
  const auto watch = open_watch(watch_, session.flags, options, data, roots, run, resume);
  ProgressLine line(on_terminal(), colours_welcome(), data.test_is_validation);
  TrainHooks hooks;
  hooks.progress = [&](const TrainProgress& p) { line.show(p); };
  hooks.epoch_done = [&](const EpochMetrics& m) { line.epoch_done(m, options.epochs); };
  hooks.stop = session.stop;
  if (watch) attach(watch, hooks);
  if (place_.debug) hooks.observers.push_back(std::make_shared<PerturbationDebug>([](const std::string& text) { say(text); }));
  if (done_before) say(fmt::format("{}: finished\n", run.string()));
  const TrainingSummary summary = train_into(run, options, data, resume, roots, hooks);
  if (summary.ending == "stopped")
    say(fmt::format("stopped after {} of {}; all is kept: convscope train --run {} --resume\n", summary.epochs, epochs_text(options.epochs),
                    place_.run));
  else if (!done_before && summary.ended_by != "epochs")
    say(fmt::format("ended after {} of {} by --{}\n", summary.epochs, epochs_text(options.epochs), flag_name(summary.ended_by)));
  if (watch && summary.ending != "stopped") end_watch(*watch, watch_, options, data, run, summary.epochs);
  write_report(run);
  return summary;
}

std::vector<std::string> TrainCommand::about() const {
  return {
      "A run folder holds run.json (all options as resolved), metrics.jsonl (a line an epoch), model.safetensors (the last state), "
      "best.safetensors, figures/, evaluation.json, predictions/ and report.html, a page of all that. Ctrl-C keeps the state; "
      "--resume goes on to the same bytes as without the interruption.",
      "With --seeds the same training is made several times, in the folder's seed-1, seed-2, …; seeds.json and report.html have mean, "
      "standard deviation and 95 % interval of the test accuracies. --resume goes on with what is missing.",
      "With --watch the folder's watch/ gets a frame before each update: how attributions of the same test images come to be. At the end "
      "each method has its video there, an animated WebP, and the page a slider. The training computes the same bytes as without.",
      "A flag wins over the preset, the preset over --config, that over the defaults."};
}

std::vector<std::string> TrainCommand::examples() const {
  return {"convscope train --model deep --data fashion-mnist --preset fashion-deep --run runs/fashion",
          "convscope train --model resnet20 --data cifar10 --pad-crop 4 --flip --epochs 20 --run runs/cifar",
          "convscope train --preset fashion-deep --seeds 1,2,3 --run runs/fashion-seeds",
          "convscope train --run runs/cifar --resume",
          "convscope train --preset fashion-deep --epochs 1 --watch gradient-x-input+loss-gradient --watch-images 0-7 --run runs/film",
          "convscope train --config runs/cifar/run.json --seed 2 --run runs/cifar-2"};
}

std::vector<FieldHelp> TrainCommand::json_keys() const {
  std::vector<FieldHelp> all = help<TrainingSummary>();
  for (FieldHelp& key : help<SeedsSummary>()) {
    const bool known = std::any_of(all.begin(), all.end(), [&](const FieldHelp& other) { return other.name == key.name; });
    if (known) continue;
    key.text = "with --seeds: " + key.text;
    all.push_back(std::move(key));
  }
  for (FieldHelp& key : help<EpochMetrics>()) {
    key.text = "in each line of metrics.jsonl: " + key.text;
    all.push_back(std::move(key));
  }
  return all;
}

}  // namespace convscope

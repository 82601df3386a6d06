#include "convscope/cli/commands/train.h"

#include <algorithm>
#include <cmath>

#include "convscope/api/train_seeds.h"
#include "convscope/base/json_file.h"
#include "convscope/cli/output.h"
#include "convscope/cli/progress_line.h"
#include "convscope/report/page/page.h"
#include "convscope/train/run_folder.h"

namespace convscope {

namespace {

/** save_every → save-every */
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
  if (s.robust_images > 0) {
    table.row({fmt::format("under attack ({} test images), last epoch", s.robust_images),
               cell(s.robust_accuracy, s.robust_accuracy_interval_95)});
    if (s.best_epoch > 0)
      table.row(
          {fmt::format("under attack, best epoch ({})", s.best_epoch), cell(s.best_robust_accuracy, s.best_robust_accuracy_interval_95)});
  }
  table.row({"computed", fmt::format("{:.3g} PFLOP in {}", s.flops / 1e15, epochs_text(s.epochs))});
  const Path run = s.run;
  table.row({"networks", fmt::format("{}, {}", (run / kLastNetwork).string(), (run / kBestNetwork).string())});
  table.row({"figures", (run / kFigures).string()});
  table.row({"report", (run / kReportFile).string()});
  table.row({"numbers", fmt::format("{}, {}", (run / kMetrics).string(), (run / kEvaluation).string())});
  return table.text();
}

/** A table for people. */
std::string seeds_table(const SeedsSummary& s) {
  const auto accuracy = [](const std::vector<double>& values, size_t i) { return i < values.size() ? percent(values[i]) : std::string(); };
  const auto known = [](double share) { return std::isnan(share) ? std::string() : percent(share); };
  const auto interval = [](const std::vector<double>& ends) {
    return ends.size() == 2 ? fmt::format("{} to {}", percent(ends[0]), percent(ends[1])) : std::string();
  };
  TextTable table({"test accuracy", "last epoch", "best epoch"}, {1, 2});
  for (size_t i = 0; i < s.accuracies.size(); ++i)
    table.row({fmt::format("seed {}", s.seeds[i]), accuracy(s.accuracies, i), accuracy(s.best_accuracies, i)});
  table.row({"mean", known(s.accuracy_mean), known(s.best_accuracy_mean)});
  table.row({"standard deviation", known(s.accuracy_deviation), known(s.best_accuracy_deviation)});
  table.row({"95 % interval of the mean", interval(s.accuracy_interval_95), interval(s.best_accuracy_interval_95)});
  return table.text() + fmt::format("best epochs chosen on {}; numbers in {}\n",
                                    s.best_chosen_on == "validation" ? "held-out training samples" : "the test set",
                                    (Path(s.run) / kSeedsFile).string());
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
  return provided_record<SeedsSummary>(read_json(file, 1 << 20), file.string()).seeds;
}

std::vector<Mode> TrainCommand::modes() const {
  std::vector<std::string> all = flags_among({{"run", "config", "seeds", "tensorboard", "debug"}, flags_of<TrainOptions>()});
  std::erase_if(all, [common = flags_of<CommonOptions>()](const std::string& flag) {
    return std::find(common.begin(), common.end(), flag) != common.end();
  });
  const std::vector<std::string> watched = flags_among({all, flags_of<WatchOptions>()});
  return {{"a training", all}, {"one with --watch", watched}, {"one that goes on (--resume)", flags_among({watched, {"resume"}})}};
}

size_t TrainCommand::mode(const Flags& flags) const { return flags.given("resume") ? 2 : flags.given("watch") ? 1 : 0; }

namespace {

/** What is wrong with a value by itself, whatever recipe the others come from. */
void check_values(const Json& given) {
  Json all = {{"model", "deep"}, {"data", "fashion-mnist"}};
  all.update(given);
  (void)fields_from_json<TrainOptions>(all, "train");
}

/** On every rank what the root finds; it alone needs to have the run's folder. */
template <typename Find>
Json of_root(Ranks& ranks, const Find& find) {
  return parse_json(ranks.from_root(ranks.is_root() ? Json(find()).dump() : std::string()), "what the root says");
}

}  // namespace

ExitStatus TrainCommand::run(const Session& session) {
  if (place_.run.empty()) throw UsageError("train: --run is missing: the folder that the training is kept in");
  check_options([&] { check_values(session.flags.given_of<TrainOptions>()); });
  const Path run = place_.run;
  Ranks& ranks = *session.ranks;
  const auto several = of_root(ranks, [&] { return seeds(session); }).get<std::vector<int64_t>>();
  const Path first = several.empty() ? run : seed_folder(run, several.front());
  if (!ranks.is_root()) {
    // The folder is the root's affair.
  } else if (place_.resume) {
    require(std::filesystem::exists(first / kRunFile), "{}: no run to resume; leave out --resume to start one", run.string());
  } else {
    require(!std::filesystem::exists(run / kLastNetwork) && !std::filesystem::exists(run / kSeedsFile),
            "{}: there is a run already; --resume goes on with it, another --run starts a new one", run.string());
  }

  const Json given = session.flags.given_of<TrainOptions>();
  const auto options = [&](const Path& folder, std::optional<int64_t> seed) {
    const Json resolved = of_root(ranks, [&] {
      return fields_to_json(training_options(given, folder,
                                             {.config = place_.config,
                                              .folder = std::filesystem::exists(folder / kRunFile) ? folder : first,
                                              .resume = place_.resume,
                                              .shards = ranks.launched() ? kUsualShards : 1},
                                             seed, session.setting().data_roots));
    });
    return fields_from_json<TrainOptions>(resolved, "train");
  };

  if (several.empty()) {
    const TrainingSummary summary = train_one(session, run, options(run, std::nullopt));
    const bool stopped = summary.ending == "stopped";
    if (session.common.json)
      print_json(fields_to_json(summary));
    else if (!stopped)
      print(shown(summary));
    return stopped ? ExitStatus::interrupted : ExitStatus::done;
  }
  // What is wrong with the options is said before anything is written.
  for (const int64_t seed : several) (void)options(seed_folder(run, seed), seed);
  const SeedsSummary summary = train_seeds(
      run, several, [&](const Path& folder, int64_t seed) { return train_one(session, folder, options(folder, seed)); }, session.setting());
  if (session.common.json)
    print_json(fields_to_json(summary));
  else
    print(seeds_table(summary));
  if (ranks.is_root()) write_report(run);
  return summary.ending == "stopped" ? ExitStatus::interrupted : ExitStatus::done;
}

TrainingSummary TrainCommand::train_one(const Session& session, const Path& run, const TrainOptions& options) const {
  Ranks& ranks = *session.ranks;
  const bool resume = of_root(ranks, [&] { return place_.resume && std::filesystem::exists(run / kRunFile); }).get<bool>();
  if (!ranks.is_root()) return train_run(run, options, {.resume = resume}, session.setting());
  const bool done_before = resume && is_finished(options, run);
  const bool alone = run == Path(place_.run);
  const std::string events =
      place_.tensorboard.empty() || alone ? place_.tensorboard : (Path(place_.tensorboard) / run.filename()).string();
  ProgressLine line(on_terminal(), colours_welcome(), options.validation > 0);
  TrainingRequest request{.resume = resume,
                          .watch = watch_,
                          .watch_given = session.flags.given_of<WatchOptions>(),
                          .tensorboard = events,
                          .debug = place_.debug};
  request.hooks.progress = [&](const TrainProgress& p) { line.show(p); };
  request.hooks.epoch_done = [&](const EpochMetrics& m) { line.epoch_done(m, options.epochs); };
  const TrainingSummary summary = train_run(run, options, request, session.setting());
  if (done_before) say(fmt::format("{}: finished\n", run.string()));
  if (summary.ending == "stopped")
    say(fmt::format("stopped after {} of {}; all is kept: convscope train --run {} --resume\n", summary.epochs, epochs_text(options.epochs),
                    place_.run));
  else if (!done_before && summary.ended_by != "epochs")
    say(fmt::format("ended after {} of {} by --{}\n", summary.epochs, epochs_text(options.epochs), flag_name(summary.ended_by)));
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
      "With --watch the folder's watch/ gets a frame before each update, or before each k-th with --watch-every k: how attributions of the "
      "same test images come to be. At the end "
      "each method has its video there, an animated WebP, and the page a slider. The training computes the same bytes as without.",
      "A flag wins over the preset, the preset over --config. Where no preset is said, auto chooses what decides the learning (epochs, "
      "batch, "
      "optimiser, rate, schedule, decay, normalisation, augmentation) by network and data, and says what it chose; with --preset none all "
      "options are what stands here.",
      "Under mpirun the ranks share out the shards of each batch, 8 where --shards says nothing else, and the network comes out the same, "
      "byte for byte, whatever their number; docs/machines.md tells how. Without mpirun --shards 8 gives these bytes too.",
      "A finished run goes on for more epochs, --resume --epochs 20, where its rates do not ask how many there are: constant, step, "
      "inverse-time."};
}

std::vector<std::string> TrainCommand::examples() const {
  return {"convscope train --model resnet20 --data cifar10 --run runs/cifar",
          "convscope train --model deep --data fashion-mnist --preset fashion-deep --run runs/fashion",
          "convscope train --model resnet20 --data cifar10 --augment pad-crop,pad=4+flip --epochs 20 --run runs/cifar-20",
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

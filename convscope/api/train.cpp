#include "convscope/api/train.h"

#include <algorithm>
#include <cmath>

#include "convscope/api/evaluate.h"
#include "convscope/api/provenance.h"
#include "convscope/api/robustness_gauge.h"
#include "convscope/api/tensorboard.h"
#include "convscope/base/json_file.h"
#include "convscope/data/locate.h"
#include "convscope/models/file_model.h"
#include "convscope/models/onnx/side_file.h"
#include "convscope/report/training/learning_curves.h"
#include "convscope/train/adversarial.h"
#include "convscope/train/auto_recipe.h"
#include "convscope/train/ending.h"
#include "convscope/train/perturbation_debug.h"
#include "convscope/train/run_folder.h"
#include "convscope/train/schedule.h"

namespace convscope {

namespace {

std::string subtitle(const TrainOptions& o) {
  return fmt::format("{}, batch {}, {}, learning rate {}, seed {}{}{}{}", fmt::format("{} epoch{}", o.epochs, o.epochs == 1 ? "" : "s"),
                     o.batch, o.optimiser, o.lr, o.seed, o.loss == TrainOptions().loss ? "" : ", loss " + o.loss,
                     o.preset.empty() ? "" : ", preset " + o.preset, o.validation > 0 ? "; test values are those of held-out samples" : "");
}

/** What the epochs' own lines tell of the best one: where it was judged by the test samples, all of it. */
void recall_best(TrainingSummary& s, const TrainData& data, std::span<const EpochMetrics> metrics) {
  const EpochMetrics* best = best_epoch(metrics);
  if (!best) return;
  s.best_epoch = best->epoch;
  s.best_chosen_on = data.test_is_validation ? "validation" : "test";
  if (data.test_is_validation) return;
  const int64_t total = data.test->size();
  s.best_accuracy = best->test_accuracy;  // of test samples: a training that holds some out has returned above
  s.best_accuracy_interval_95 = wilson_interval(std::llround(best->test_accuracy * static_cast<double>(total)), total);
}

/** Two operations a multiply-add, of every image of every update, and of the search for what it learns from. */
double flops_of(const TrainOptions& o, const Graph& network, int64_t samples, int64_t epochs) {
  const int64_t batch = std::min(o.batch, samples), seen = o.drop_last ? samples / batch * batch : samples;
  int64_t macs = training_macs(network);
  if (const auto search = inner_search(o))
    macs = macs * (search->pairs() ? 2 : 1) * search->replays + (search->by_batch
                                                                     ? search->steps * macs * (search->pairs() ? 2 : 1)
                                                                     : (search->steps + (search->pairs() ? 1 : 0)) * slope_macs(network));
  return 2.0 * static_cast<double>(macs) * static_cast<double>(seen * epochs);
}

/** The same networks under attack: two numbers, since a training that resists can overfit to its attack. */
void attack_run(TrainingSummary& s, const TrainOptions& o, const std::shared_ptr<const Dataset>& test) {
  const Path run = s.run;
  const Accuracy last = robust_accuracy(open_network(run.string()), o, test);
  s.robust_images = std::min(o.robust_images, test->size());
  s.robust_accuracy = last.share;
  s.robust_accuracy_interval_95 = last.interval_95;
  if (!std::filesystem::exists(run / kBestNetwork)) return;
  const Accuracy best = robust_accuracy(open_network((run / kBestNetwork).string()), o, test);
  s.best_robust_accuracy = best.share;
  s.best_robust_accuracy_interval_95 = best.interval_95;
}

/** A finished training: its networks on the test set, in numbers and pictures. */
void evaluate_run(TrainingSummary& s, const TrainOptions& o, const TrainData& data, const Setting& setting) {
  const Path run = s.run;
  const auto test = data.test_is_validation ? open_split(o, Split::test, setting.data_roots) : data.test;
  const std::string& name = test_data_of(o);
  const Pictures pictures =
      Pictures(test, name).said_as(DataOrigin{.name = name, .folder = o.test_data.empty() ? data.trained_on.folder : "", .split = "test"});
  Setting quiet = setting;
  quiet.execution = execution_of(o.precision, o.engine);
  quiet.force = true;  // what an earlier state of this training gave
  Network network = open_network(run.string());
  network.name = o.model;
  const Evaluation last = evaluate(network, pictures, run, quiet);
  s.came_from(last);
  s.options = fields_to_json(o);
  s.flops = flops_of(o, network.graph, data.train->size(), s.epochs);
  s.accuracy = last.accuracy;
  s.accuracy_interval_95 = last.accuracy_interval_95;

  if (measures_robustness(o)) attack_run(s, o, test);

  const auto metrics = read_metrics(run / kMetrics);
  recall_best(s, data, metrics);
  if (s.best_epoch == 0 || !data.test_is_validation || !std::filesystem::exists(run / kBestNetwork)) return;
  quiet.say = {};  // it would be told twice
  const bool is_last = s.best_epoch == metrics.back().epoch;
  const Evaluation chosen = is_last ? last : evaluate(open_network((run / kBestNetwork).string()), pictures, {}, quiet);
  s.best_accuracy = chosen.accuracy;
  s.best_accuracy_interval_95 = chosen.accuracy_interval_95;
}

/** Without the folder's own path: a run that is moved stays the same, byte for byte, and its network lies beside. */
void write_summary(const Path& run, const TrainingSummary& summary) {
  Json j = fields_to_json(summary);
  j.erase("run");
  j["network"]["file"] = kLastNetwork;
  write_json(run / kSummary, j);
}

/** A run that ended by itself does not go on, however many epochs it is given. */
void require_nothing_more_was_asked(const Path& run, const TrainOptions& options) {
  const int64_t before = options_in(run / kRunFile).value("epochs", options.epochs);
  require(options.epochs <= before, "`epochs` {}: the run {} has ended by `{}`; start another `run` with `from` {}", options.epochs,
          run.string(), ended_by(options, read_metrics(run / kMetrics)), run.string());
}

/** Learning curves are drawn anew after each epoch. */
void draw_curves(const Path& run, const TrainOptions& options, TrainHooks& hooks) {
  hooks.epoch_done = [&run, &options, told = std::move(hooks.epoch_done)](const EpochMetrics& m) {
    if (told) told(m);
    write_learning_curves(run / kFigures, read_metrics(run / kMetrics), training_title(options), subtitle(options), {.loss = options.loss});
  };
}

constexpr std::string_view kOpen = "open";  // there is something left to train

/** The part of a rank that is not the root: to train with it. */
TrainingSummary train_for_root(const Path& run, const TrainOptions& options, const TrainData& data, const TrainingRequest& request,
                               const Setting& setting) {
  TrainHooks hooks;
  hooks.stop = setting.stop;
  hooks.ranks = setting.ranks;
  TrainingSummary summary;
  summary.run = run.string();
  summary.ending = "finished";
  if (setting.ranks->from_root("") == kOpen && train(options, data, run, request.resume, hooks).ending == Ending::stopped)
    summary.ending = "stopped";
  return summary;
}

}  // namespace

std::string training_title(const TrainOptions& o) { return fmt::format("{} on {}", o.model, o.data); }

TrainingSummary train_run(const Path& run, const TrainOptions& options, const TrainingRequest& request, const Setting& setting) {
  check_robustness(options);
  const TrainData data = train_data(options, setting.data_roots);
  if (data.decoding) {
    setting.tell(decoding_text(options.data, *data.decoding));
    if (is_shrunk_much(*data.decoding)) {
      Choice larger = parse_choice(options.data);
      larger.options["size"] = 2 * data.decoding->picture[1];
      setting.tell(fmt::format("`data` {} keeps more of them, for a network of that size", origin(larger)));
    }
  }
  Ranks& ranks = *setting.ranks;
  if (!ranks.is_root()) return train_for_root(run, options, data, request, setting);
  const auto watch = open_watch(request.watch, request.watch_given, options, data, run, request.resume, setting);
  TrainHooks hooks = request.hooks;
  hooks.stop = setting.stop;
  hooks.tell = setting.say;
  hooks.ranks = setting.ranks;
  if (watch) attach(watch, hooks);
  if (request.debug)
    hooks.observers.push_back(std::make_shared<PerturbationDebug>([&setting](std::string_view line) { setting.tell(line); }));
  const auto log = request.tensorboard.empty() ? nullptr : std::make_shared<TensorBoardLog>(request.tensorboard);
  if (log) attach(log, hooks);
  draw_curves(run, options, hooks);
  if (measures_robustness(options)) hooks.gauge = robustness_gauge(options, data);
  if (!request.resume && is_onnx_file(options.from)) {
    const Json read = load_onnx_network(options.from, import_of(options.from)).notes["onnx"].value("remarks", json_list());
    for (const Json& remark : read) setting.tell(fmt::format("{}: {}", options.from, remark.get<std::string>()));
  }
  if (!request.resume && options.preset == kAutoPreset)
    setting.tell(fmt::format("preset auto, and what was said: {}", recipe_text(options)));

  TrainingSummary summary;
  summary.run = run.string();
  summary.ending = "finished";
  const bool open = !request.resume || !is_finished(options, run);
  if (!open) require_nothing_more_was_asked(run, options);
  (void)ranks.from_root(open ? kOpen : "");
  if (open && train(options, data, run, request.resume, hooks).ending == Ending::stopped) summary.ending = "stopped";
  const auto metrics = read_metrics(run / kMetrics);
  summary.epochs = metrics.empty() ? 0 : metrics.back().epoch;
  if (summary.ending == "stopped") {
    recall_best(summary, data, metrics);
    return summary;
  }
  summary.ended_by = ended_by(options, metrics);
  Setting by_root = setting;
  by_root.ranks = alone();  // the others need not have the folder
  evaluate_run(summary, options, data, by_root);
  write_summary(run, summary);
  if (log) log->finish(run, summary.epochs);
  if (watch) end_watch(*watch, request.watch, options, data, run, summary.epochs, setting);
  return summary;
}

namespace {

/** Paths hold from whatever folder the training is gone on with. */
Json with_absolute_paths(Json options) {
  for (const char* key : {"data", "test_data"})
    if (const std::string text = options.value(key, ""); !text.empty()) options[key] = absolute_data(text);
  std::error_code ignored;
  const auto absolute = [&](const Path& path) {
    return std::filesystem::exists(path, ignored) ? std::filesystem::canonical(path).string() : path.string();
  };
  if (const std::string from = options.value("from", ""); !from.empty()) options["from"] = absolute(from);
  const std::string model = options.value("model", "");
  if (const auto file = model_file(model))
    options["model"] = absolute(file->path) + file->options;
  else if (is_model_file(model))
    options["model"] = absolute(model);
  return options;
}

}  // namespace

TrainOptions training_options(const Json& said, const Path& run, const Recipe& recipe, std::optional<int64_t> seed,
                              std::span<const Path> roots) {
  const bool going_on = recipe.resume && std::filesystem::exists(run / kLastNetwork);
  Json given = json_object();
  if (!recipe.config.empty()) {
    given = options_in(recipe.config);
  } else if (recipe.resume && std::filesystem::exists(recipe.folder / kRunFile)) {
    given = options_in(recipe.folder / kRunFile);
  }
  const std::string preset_before = given.value("preset", ""), preset_now = said.value("preset", "");
  const auto another = [&](const char* key) { return said.contains(key) && said[key] != given.value(key, ""); };
  if (!recipe.resume && preset_before == kAutoPreset && (another("model") || another("data"))) given = without_recipe(std::move(given));
  if (!preset_now.empty() && preset_now != preset_before) {
    if (preset_now == kAutoPreset || preset_now == kNoPreset) given = without_recipe(std::move(given));
    given.update(preset(preset_now).values);
  }
  given.update(said);
  if (seed) given["seed"] = *seed;
  // An ONNX file is a whole network: model and weights are one thing, whatever model a preset or an earlier run had.
  const std::string from = given.value("from", ""), own_model = said.value("model", "");
  std::error_code ignored;
  if (is_onnx_file(from) && !own_model.empty() && own_model != from && !std::filesystem::equivalent(own_model, from, ignored))
    throw WrongUse(fmt::format("`from` {} is a whole network, its layers too: `model` does not go with it, got '{}'", from, own_model));
  if (is_onnx_file(from)) given["model"] = from;
  const std::string model = given.value("model", "");
  if (model.empty() && is_model_file(from)) given["model"] = from;
  if (from.empty() && is_model_file(model)) given["from"] = model;
  // What the file, or the one beside it, says of its pixels holds where nobody says otherwise.
  if (const std::string own = given.value("from", ""); is_onnx_file(own) && !given.contains("normalize"))
    given["normalize"] = network_origin(open_network(own)).preprocessing;
  const auto require_said = [&](const char* key) {
    const std::string name = given.value("preset", "");
    if (given.contains(key) || (!name.empty() && preset(name).values.contains(key))) return;
    throw WrongUse(fmt::format("`{}` is missing; `convscope list {}` shows what is known", key, key));
  };
  require_said("model");
  require_said("data");
  if (!recipe.resume && !given.contains("shards")) given["shards"] = recipe.shards;
  const TrainOptions options = resolve_options(with_absolute_paths(given), roots);
  if (!going_on) return options;

  // Another option would make it neither the old run nor a new one; more epochs do not, where rates do not ask how many there are.
  Json before = with_absolute_paths(options_in(run / kRunFile));
  if (!before.contains("shards")) before["shards"] = 1;  // by a version that knew none
  if (!before.contains("sync_bn")) before["sync_bn"] = false;
  const Json now = fields_to_json(options);
  if (options.epochs > before.value("epochs", int64_t{0})) {
    require(schedules().make(parse_choice(options.schedule))->endless(),
            "`epochs`: the run {0} was started with {1}, and its schedule {2} has come down by then; start another `run` with `from` {0}",
            run.string(), before.value("epochs", int64_t{0}), options.schedule);
    before["epochs"] = options.epochs;
  }
  if (const auto changed = changed_option(before, now))
    fail(
        "`{0}`: the run {1} was started with {2}, not {3}, and a run keeps its options; resume without `{0}`, or start another `run`, with "
        "`from` {1} where it is to begin with these weights",
        *changed, run.string(), shown(before[*changed]), shown(now[*changed]));
  return options;
}

}  // namespace convscope

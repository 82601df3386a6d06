#include "convscope/api/watch.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "convscope/api/provenance.h"
#include "convscope/base/join.h"
#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/base/timer.h"
#include "convscope/data/subset.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/models/file_model.h"
#include "convscope/report/watch/watch_film.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/animation.h"
#include "convscope/train/normalization.h"

namespace convscope {

namespace {

constexpr int64_t kUsualCount = 8, kMostImages = 64;

/** "gradient-x-input+occlusion,window=6" */
std::vector<std::string> methods_in(std::string_view text) {
  std::vector<std::string> methods;
  for (const std::string_view part : split(text, '+')) {
    require(!part.empty(), "`watch` '{}': names of methods with + between them were wanted", text);
    methods.emplace_back(part);
  }
  return methods;
}

/** Numbers as they were said; without any the first images, of all classes in turn. */
std::vector<int64_t> numbers_in(const std::string& text, const Dataset& test) {
  if (!text.empty()) return parse_numbers(text, test.size(), "`watch_images`");
  std::vector<int64_t> first = usual_order(test);
  first.resize(static_cast<size_t>(std::min(kUsualCount, test.size())));
  return first;
}

/** A recording keeps what it watches. */
void require_the_same(const WatchOptions& asked, const Json& given, const WatchRecord& record, const Path& run) {
  const auto same = [&](const char* option, const std::string& before, const std::string& now) {
    require(!given.contains(option) || before == now, "`{0}`: the recording in {1} was begun with {2}, not {3}; resume without `{0}`",
            option, run.string(), before, now);
  };
  std::vector<std::string> methods;
  std::vector<int64_t> numbers;
  for (const WatchedMethod& method : record.methods) methods.push_back(method.method);
  for (const WatchedImage& image : record.images) numbers.push_back(image.image);
  same("watch", join(methods, "+"), asked.watch);
  same("watch_target", record.target, asked.watch_target);
  same("watch_of", record.of, asked.watch_of);
  same("watch_every", std::to_string(record.every), std::to_string(asked.watch_every));
  if (given.contains("watch_images"))
    same("watch_images", join(numbers, ","),
         join(parse_numbers(asked.watch_images, std::numeric_limits<int64_t>::max(), "`watch_images`"), ","));
}

/** true, predicted (empty: by the network of the first frame) or a class by name or number. */
std::vector<int64_t> targets_of(const std::string& target, const Pictures& pictures) {
  if (target == "predicted" || target == kEachFrame) return {};
  if (target == "true") return pictures.labels();
  return std::vector<int64_t>(pictures.numbers().size(), parse_class(target, pictures.classes()));
}

/** Somebody who names a target wants it to be looked at. */
void require_targeted(const WatchOptions& asked) {
  if (asked.watch_target == "true") return;
  const std::vector<std::string> methods = methods_in(asked.watch);
  const bool taken = std::any_of(methods.begin(), methods.end(), [](const std::string& method) {
    return takes_target(attributions().make(parse_choice(method))->answers());
  });
  require(taken, "`watch_target` '{}': {} takes no target; gradient and its kin do", asked.watch_target, asked.watch);
}

/** Whence the maps of a training's network, which has no file yet, and of these pictures are. */
Provenance origin_of(const WatchOptions& asked, const TrainOptions& options, const Graph& network, const Pictures& pictures,
                     Setting setting) {
  setting.execution = execution_of(options.precision, options.engine);
  setting.seed = static_cast<uint64_t>(options.seed);
  Provenance origin = provenance_of(fields_to_json(asked), setting);
  origin.network = {.name = options.model, .preprocessing = options.normalize, .parameters = parameter_count(network)};
  origin.data = pictures.where();
  return origin;
}

Recorder new_recorder(const WatchOptions& asked, const TrainOptions& options, const TrainData& data, const Graph& network, const Path& run,
                      const Setting& setting) {
  const auto test = data.test_is_validation ? open_split(options, Split::test, setting.data_roots) : data.test;
  const std::vector<int64_t> numbers = numbers_in(asked.watch_images, *test);
  require(std::ssize(numbers) <= kMostImages, "`watch_images` '{}': {} images; up to {} can be watched", asked.watch_images, numbers.size(),
          kMostImages);
  require_use(asked.watch_of == "logits" || asked.watch_of == "softmax", "`watch_of` '{}': logits or softmax was wanted", asked.watch_of);
  require_use(asked.watch_every > 0, "`watch_every` {}: 1 or more were wanted", asked.watch_every);
  require_targeted(asked);
  const Pictures pictures = Pictures(test, numbers, test_data_of(options))
                                .said_as(DataOrigin{.name = test_data_of(options),
                                                    .folder = options.test_data.empty() ? data.trained_on.folder : "",
                                                    .split = "test",
                                                    .images = asked.watch_images});
  return {run / kWatch,
          {.methods = methods_in(asked.watch),
           .x = pictures.pixels(),
           .numbers = pictures.numbers(),
           .labels = pictures.labels(),
           .targets = targets_of(asked.watch_target, pictures),
           .classes = pictures.classes(),
           .target = asked.watch_target,
           .of = asked.watch_of,
           .origin = origin_of(asked, options, network, pictures, setting),
           .every = asked.watch_every}};
}

int64_t updates_per_epoch(const TrainOptions& options, const TrainData& data) {
  const int64_t size = data.train->size(), full = std::min(options.batch, size);
  return size / full + (size % full > 0 && !options.drop_last ? 1 : 0);
}

/** A video for each method. `drawn` hears of each file. */
void write_films(const Path& folder, const WatchRecord& record, const WatchSurvey& seen, double frames_per_second,
                 const std::function<void(const Path&)>& drawn) {
  for (int64_t m = 0; m < std::ssize(record.methods); ++m) {
    WatchFilm film(folder, record, seen, m);
    Animation animation(film.rows(), film.columns(), frames_per_second);
    for_each_frame(folder, record, [&](const WatchFrames& frames, int64_t f) { animation.add(film.frame(frames, f)); });
    const Path file = folder / record.methods[static_cast<size_t>(m)].video;
    write_file(file, animation.finish());
    drawn(file);
  }
}

/** Which images were taken for another class, and when. */
void write_changes(const Path& folder, const WatchRecord& record) {
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

/** The videos of a recording, and its changes.jsonl. */
void draw_watch(const Path& folder, double frames_per_second, const std::function<void(const Path&)>& drawn) {
  const WatchRecord record = read_watch(folder);
  const WatchSurvey seen = survey(folder, record);
  if (seen.updates.empty()) return;
  write_films(folder, record, seen, frames_per_second, drawn);
  write_changes(folder, record);
}

}  // namespace

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
  hooks.pausing = [watch, before = std::move(hooks.pausing)] {
    watch->keep();
    if (before) before();
  };
}

std::shared_ptr<TrainingWatch> open_watch(const WatchOptions& asked, const Json& given, const TrainOptions& options, const TrainData& data,
                                          const Path& run, bool resume, const Setting& setting) {
  const bool recorded = resume && std::filesystem::exists(run / kWatch / kWatchFile);
  for (const char* option : {"watch_images", "watch_target", "watch_of", "watch_every", "watch_fps"})
    if (given.contains(option) && asked.watch.empty() && !recorded)
      throw WrongUse(fmt::format("`{}` belongs to `watch`, a method, and that is missing", option));
  if (asked.watch_fps < 1 || asked.watch_fps > 1000) throw WrongUse(fmt::format("`watch_fps` takes 1 to 1000, got {}", asked.watch_fps));
  if (!recorded && asked.watch.empty()) {
    // A recording without a checkpoint is of a training that died early; this one takes its place.
    if (!resume) remove_watch(run / kWatch);
    return nullptr;
  }
  require(recorded || !resume || !std::filesystem::exists(run / kLastNetwork),
          "`watch`: the training in {} was started without it, and the states that it has been through are gone; start another `run`",
          run.string());
  Graph graph =
      model_named(options.model)
          ->build(data.train->image_shape(), static_cast<int64_t>(data.train->classes().size()), parse_normalization(options.normalize));
  Recorder recorder = recorded ? Recorder(run / kWatch) : new_recorder(asked, options, data, graph, run, setting);
  if (recorded) require_the_same(asked, given, recorder.record(), run);
  return std::make_shared<TrainingWatch>(std::move(recorder), std::move(graph), execution_of(options.precision, options.engine));
}

void end_watch(TrainingWatch& watch, const WatchOptions& asked, const TrainOptions& options, const TrainData& data, const Path& run,
               int64_t epochs, const Setting& setting) {
  const int64_t before = watch.recorder().frames();
  if (watch.frames_made() > 0)
    setting.tell(fmt::format("watched: {} frames of {} images; the updates took {:.1f} s with them, {:.1f} s without", watch.frames_made(),
                             watch.recorder().record().images.size(), watch.training_seconds(),
                             watch.training_seconds() - watch.seconds()));
  // With a running average the network that is kept is not a state of the training.
  if (options.ema == 0) watch.finish(load_checkpoint(run / kLastNetwork), epochs * updates_per_epoch(options, data));
  const auto& methods = watch.recorder().record().methods;
  const bool drawn =
      std::all_of(methods.begin(), methods.end(), [&](const WatchedMethod& m) { return std::filesystem::exists(run / kWatch / m.video); });
  if (drawn && watch.frames_made() == 0 && watch.recorder().frames() == before) return;
  Timer timer;
  draw_watch(run / kWatch, static_cast<double>(asked.watch_fps), [&](const Path& file) {
    setting.tell(fmt::format("{}: {} frames, {}, drawn in {:.1f} s", file.string(), watch.recorder().frames(),
                             bytes_text(static_cast<int64_t>(std::filesystem::file_size(file))), timer.restart()));
  });
}

}  // namespace convscope

#include "convscope/cli/commands/train_watch.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "convscope/base/split.h"
#include "convscope/base/timer.h"
#include "convscope/cli/output.h"
#include "convscope/cli/pictures.h"
#include "convscope/models/model.h"
#include "convscope/train/normalization.h"

namespace convscope {

namespace {

constexpr int64_t kUsualCount = 8, kMostImages = 64;

/** "gradient-x-input+occlusion,window=6" */
std::vector<std::string> methods_in(std::string_view text) {
  std::vector<std::string> methods;
  for (const std::string_view part : split(text, '+')) {
    require(!part.empty(), "--watch '{}': names of methods with + between them were wanted", text);
    methods.emplace_back(part);
  }
  return methods;
}

std::vector<int64_t> numbers_in(const std::string& text, int64_t count) {
  if (!text.empty()) return parse_numbers(text, count, "--watch-images");
  std::vector<int64_t> first(static_cast<size_t>(std::min(kUsualCount, count)));
  std::iota(first.begin(), first.end(), 0);
  return first;
}

/** A recording keeps what it watches. */
void require_the_same(const WatchOptions& asked, const Flags& flags, const WatchRecord& record, const Path& run) {
  const auto same = [&](const char* flag, const std::string& before, const std::string& now) {
    require(!flags.given(flag) || before == now, "--{0}: the recording in {1} was begun with {2}, not {3}; resume without --{0}", flag,
            run.string(), before, now);
  };
  std::vector<std::string> methods;
  std::vector<int64_t> numbers;
  for (const WatchedMethod& method : record.methods) methods.push_back(method.method);
  for (const WatchedImage& image : record.images) numbers.push_back(image.image);
  same("watch", fmt::format("{}", fmt::join(methods, "+")), asked.watch);
  same("watch-target", record.target, asked.watch_target);
  same("watch-every", std::to_string(record.every), std::to_string(asked.watch_every));
  if (flags.given("watch-images"))
    same("watch-images", fmt::format("{}", fmt::join(numbers, ",")),
         fmt::format("{}", fmt::join(numbers_in(asked.watch_images, std::numeric_limits<int64_t>::max()), ",")));
}

Recorder new_recorder(const WatchOptions& asked, const TrainOptions& options, const TrainData& data, std::span<const Path> roots,
                      const Path& run) {
  const auto test = data.test_is_validation ? open_split(options, Split::test, roots) : data.test;
  const std::vector<int64_t> numbers = numbers_in(asked.watch_images, test->size());
  require(std::ssize(numbers) <= kMostImages, "--watch-images '{}': {} images; up to {} can be watched", asked.watch_images, numbers.size(),
          kMostImages);
  require(asked.watch_every > 0, "--watch-every {}: 1 or more were wanted", asked.watch_every);
  Pictures pictures = take_pictures(*test, numbers, options.data + ", test");
  std::vector<int64_t> targets = watch_targets(asked.watch_target, pictures);
  return {run / kWatch,
          {.methods = methods_in(asked.watch),
           .x = std::move(pictures.x),
           .numbers = std::move(pictures.numbers),
           .labels = std::move(pictures.labels),
           .targets = std::move(targets),
           .classes = std::move(pictures.classes),
           .network = options.model,
           .data = std::move(pictures.data),
           .target = asked.watch_target,
           .every = asked.watch_every}};
}

int64_t updates_per_epoch(const TrainOptions& options, const TrainData& data) {
  const int64_t size = data.train->size(), full = std::min(options.batch, size);
  return size / full + (size % full > 0 && !options.drop_last ? 1 : 0);
}

}  // namespace

std::shared_ptr<TrainingWatch> open_watch(const WatchOptions& asked, const Flags& flags, const TrainOptions& options, const TrainData& data,
                                          std::span<const Path> roots, const Path& run, bool resume) {
  for (const char* flag : {"watch-images", "watch-target", "watch-every"})
    if (flags.given(flag) && asked.watch.empty() && !resume)
      throw UsageError(fmt::format("train: --{} belongs to --watch METHOD, and that is missing", flag));
  if (asked.watch_fps < 1 || asked.watch_fps > 1000)
    throw UsageError(fmt::format("train: --watch-fps takes 1 to 1000, got {}", asked.watch_fps));
  const bool recorded = resume && std::filesystem::exists(run / kWatch / kWatchFile);
  if (!recorded && asked.watch.empty()) {
    // A recording without a checkpoint is of a training that died early; this one takes its place.
    if (!resume) remove_watch(run / kWatch);
    return nullptr;
  }
  require(recorded || !resume || !std::filesystem::exists(run / kLastNetwork),
          "--watch: the training in {} was started without it, and the states that it has been through are gone; start another --run",
          run.string());
  Recorder recorder = recorded ? Recorder(run / kWatch) : new_recorder(asked, options, data, roots, run);
  if (recorded) require_the_same(asked, flags, recorder.record(), run);
  Graph graph =
      models()
          .make(parse_choice(options.model))
          ->build(data.train->image_shape(), static_cast<int64_t>(data.train->classes().size()), parse_normalization(options.normalize));
  return std::make_shared<TrainingWatch>(std::move(recorder), std::move(graph), execution_of(options.precision, options.engine));
}

void end_watch(TrainingWatch& watch, const WatchOptions& asked, const TrainOptions& options, const TrainData& data, const Path& run,
               int64_t epochs) {
  const int64_t before = watch.recorder().frames();
  if (watch.frames_made() > 0)
    say(fmt::format("watched: {} frames of {} images; the updates took {:.1f} s with them, {:.1f} s without\n", watch.frames_made(),
                    watch.recorder().record().images.size(), watch.training_seconds(), watch.training_seconds() - watch.seconds()));
  // With a running average the network that is kept is not a state of the training.
  if (options.ema == 0) watch.finish(load_checkpoint(run / kLastNetwork), epochs * updates_per_epoch(options, data));
  const auto& methods = watch.recorder().record().methods;
  const bool drawn =
      std::all_of(methods.begin(), methods.end(), [&](const WatchedMethod& m) { return std::filesystem::exists(run / kWatch / m.video); });
  if (drawn && watch.frames_made() == 0 && watch.recorder().frames() == before) return;
  Timer timer;
  draw_watch(run / kWatch, static_cast<double>(asked.watch_fps), [&](const Path& file) {
    say(fmt::format("{}: {} frames, {}, drawn in {:.1f} s\n", file.string(), watch.recorder().frames(),
                    bytes_text(static_cast<int64_t>(std::filesystem::file_size(file))), timer.restart()));
  });
}

}  // namespace convscope

#include "convscope/inspect/recorder.h"

#include <algorithm>

#include "convscope/base/json_file.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {

namespace {

constexpr size_t kChunk = 8 << 20;  // bytes of frames in memory
constexpr const char* kPixelsName = "pixels";

/** Networks may take other counts of channels than people can see. */
Tensor shown_channels(const Tensor& x, int64_t n) {
  const Shape& s = x.shape();
  const int64_t channels = s[1] == 3 ? 3 : 1;
  return {{channels, s[2], s[3]}, x.row(n).first(static_cast<size_t>(channels * s[2] * s[3]))};
}

std::string video_name(std::string_view method) {
  std::string name;
  for (const char c : method) name += c == ',' || c == '=' || c == '/' ? '-' : c;
  return name.substr(0, 100) + std::string(kWatchVideoEnding);
}

}  // namespace

Recorder::Recorder(Path folder, Watched watched) : folder_(std::move(folder)), x_(std::move(watched.x)), pending_(record_) {
  const Shape& shape = x_.shape();
  const size_t count = static_cast<size_t>(shape[0]);
  require(shape.rank() == 4 && count > 0, "nothing to watch: images {}; [N, C, H, W] were wanted", shape);
  require(!watched.methods.empty(), "nothing to watch: no method");
  require(watched.every > 0, "a frame each {} updates; 1 or more were wanted", watched.every);
  require(watched.numbers.size() == count && watched.labels.size() == count && (watched.targets.empty() || watched.targets.size() == count),
          "{} watched images have {} numbers, {} labels and {} targets", count, watched.numbers.size(), watched.labels.size(),
          watched.targets.size());
  record_.came_from(std::move(watched.origin));
  record_.target = std::move(watched.target);
  record_.of = std::move(watched.of);
  record_.every = watched.every;
  record_.rows = shape[2];
  record_.columns = shape[3];
  record_.classes = std::move(watched.classes);
  for (std::string& method : watched.methods) {
    const bool twice = std::any_of(record_.methods.begin(), record_.methods.end(), [&](const auto& m) { return m.method == method; });
    require(!twice, "{} is watched twice", method);
    record_.methods.push_back({.method = method, .video = video_name(method)});
  }
  for (size_t n = 0; n < count; ++n)
    record_.images.push_back({watched.numbers[n], watched.labels[n], 0, fmt::format("{}{:05}.png", kWatchedImage, watched.numbers[n])});
  question_.labels = std::move(watched.labels);
  question_.numbers = std::move(watched.numbers);
  question_.targets = std::move(watched.targets);
  path_ = {shape, 0, 0, std::vector<double>(static_cast<size_t>(shape.size()))};
  make_methods();
}

Recorder::Recorder(Path folder) : folder_(std::move(folder)), record_(read_watch(folder_)), pending_(record_), begun_(true) {
  const Path pixels = folder_ / kWatchedPixels;
  TensorFile file = read_safetensors(pixels);
  x_ = std::move(file.tensors[kPixelsName]);
  const Shape& shape = x_.shape();
  require(shape.rank() == 4 && shape[0] == std::ssize(record_.images) && shape[2] == record_.rows && shape[3] == record_.columns,
          "{}: images {} do not belong to the {} beside it", pixels.string(), shape, kWatchFile);
  for (const WatchedImage& image : record_.images) {
    question_.numbers.push_back(image.image);
    question_.labels.push_back(image.label);
    question_.targets.push_back(image.target);
  }
  path_ = {shape, 0, 0, std::vector<double>(static_cast<size_t>(shape.size()))};
  if (has_training_path(folder_)) path_ = read_training_path(folder_);
  require(path_.shape == shape, "{}: the sum of slopes {} does not belong to images {}", folder_.string(), path_.shape, shape);
  // Frames are written before the sum that has them in it: those beyond it are of a process that died between the two.
  for (const Path& frames : frame_files(folder_))
    if (first_update_of(frames) >= path_.until) std::filesystem::remove(frames);
  make_methods();
}

void Recorder::make_methods() {
  question_.objective.of = record_.of == "softmax" ? Objective::Of::softmax : Objective::Of::logits;
  pending_ = WatchFrames(record_);
  plane_.resize(static_cast<size_t>(record_.rows * record_.columns));
  for (WatchedMethod& watched : record_.methods) {
    const Choice choice = parse_choice(watched.method);
    require(choice.name != "training-path", "training-path is kept beside whatever is watched; `convscope explain training-path` shows it");
    methods_.push_back(attributions().make(choice));
    const Attribution& made = *methods_.back();
    watched.sign = made.has_sign();
    watched.targeted = takes_target(made.answers());
    watched.explains = said_of(made.answers(), record_.of);
    watched.legend = made.legend();
    // A recording that goes on stays as it was begun.
    if (!begun_) watched.channels = x_.shape()[1] > 1 ? name_of(made.shown_channels()) : "";
  }
}

void Recorder::begin(Subject& subject) {
  if (question_.targets.empty()) question_.targets = predicted(subject, x_);
  for (size_t n = 0; n < record_.images.size(); ++n) {
    for (const int64_t y : {question_.labels[n], question_.targets[n]}) require_target(y, std::ssize(record_.classes), {});
    record_.images[n].target = question_.targets[n];
  }
  make_folder(folder_);
  remove_watch(folder_);
  write_safetensors(folder_ / kWatchedPixels, {{{kPixelsName, x_}}, {}});
  for (size_t n = 0; n < record_.images.size(); ++n)
    write_png(folder_ / record_.images[n].input, to_image(shown_channels(x_, static_cast<int64_t>(n))));
  write_json(folder_ / kWatchFile, fields_to_json(record_));
  begun_ = true;
}

void Recorder::record(Subject& subject, int64_t update) {
  if (update >= path_.until && update % record_.every == 0) add_frame(subject, update);
}

void Recorder::record_last(Subject& subject, int64_t updates) {
  if (updates >= path_.until) add_frame(subject, updates);
}

void Recorder::add_frame(Subject& subject, int64_t update) {
  if (!begun_) begin(subject);
  if (record_.target == kEachFrame) question_.targets = predicted(subject, x_);
  const int64_t count = x_.shape()[0];
  pending_.updates.push_back(update);
  for (size_t m = 0; m < methods_.size(); ++m) {
    const Maps maps = methods_[m]->explain(subject, x_, question_);
    const ShownChannels channels = record_.methods[m].channels == "farthest" ? ShownChannels::farthest : ShownChannels::added;
    for (int64_t n = 0; n < count; ++n) {
      flatten_channels(maps.values.row(n), channels, plane_);
      pending_.add_map(plane_);
    }
  }
  const Slope slope = subject.slope(x_, {.of = Objective::Of::loss}, question_.labels);
  for (size_t i = 0; i < path_.sum.size(); ++i) path_.sum[i] += slope.gradient[static_cast<int64_t>(i)];
  ++path_.states;
  path_.until = update + 1;

  const Tensor chances = softmax(subject.logits(x_));
  for (int64_t n = 0; n < count; ++n) {
    const int64_t y = argmax(chances.row(n));
    pending_.predicted.push_back(static_cast<int32_t>(y));
    pending_.confidence.push_back(chances.row(n)[static_cast<size_t>(y)]);
  }
  // The sum is written with each piece: pieces are at least as large.
  if (pending_.levels.size() >= std::max(kChunk, path_.sum.size() * sizeof(double))) keep();
}

void Recorder::keep() {
  if (pending_.count() == 0) return;
  write_frames(folder_, pending_);
  write_training_path(folder_, path_);
  pending_ = WatchFrames(record_);
}

}  // namespace convscope

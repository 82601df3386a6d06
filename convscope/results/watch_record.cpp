#include "convscope/results/watch_record.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "convscope/base/json_file.h"
#include "convscope/results/inspection.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr int kLevels = 127;

template <typename T>
std::string_view bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/** A line of JSON, then numbers. */
struct Content {
  Json header;
  std::string_view numbers;
  std::string whose;
};
Content split(std::string_view bytes, const Path& file) {
  const size_t end = bytes.find('\n');
  require(end != std::string_view::npos && end < 1000, "{}: no line of JSON at its beginning", file.string());
  Content content{parse_json(bytes.substr(0, end), file.string()), bytes.substr(end + 1), file.string()};
  require(content.header.is_object(), "{}: a JSON object was wanted at its beginning", file.string());
  return content;
}

/** Moves `count` numbers from the front of what is left. */
template <typename T>
std::vector<T> taken(Content& content, int64_t count) {
  const size_t bytes = static_cast<size_t>(count) * sizeof(T);
  require(content.numbers.size() >= bytes, "{}: cut", content.whose);
  std::vector<T> values(static_cast<size_t>(count));
  if (bytes > 0) std::memcpy(values.data(), content.numbers.data(), bytes);
  content.numbers.remove_prefix(bytes);
  return values;
}

struct FramesHeader {
  int64_t frames = 0, methods = 0, images = 0, rows = 0, columns = 0;
  void fields(auto&& field) {
    field("frames", frames, "");
    field("methods", methods, "");
    field("images", images, "");
    field("rows", rows, "");
    field("columns", columns, "");
  }
  bool operator==(const FramesHeader&) const = default;
};

struct PathHeader {
  std::vector<int64_t> shape;
  int64_t states = 0, until = 0;
  void fields(auto&& field) {
    field("shape", shape, "");
    field("states", states, "");
    field("until", until, "");
  }
};

}  // namespace

void WatchedImage::check(std::string_view whose) const { require_beside(input, whose); }

void WatchedMethod::check(std::string_view whose) const { require_beside(video, whose); }

void WatchRecord::check(std::string_view whose) const {
  require(every > 0 && rows > 0 && columns > 0 && !methods.empty() && !images.empty(), "{}: impossible numbers", whose);
  for (const WatchedImage& image : images)
    for (const int64_t y : {image.label, image.target})
      require(y >= 0 && y < std::ssize(classes), "{}: class {} of {}", whose, y, classes.size());
}

WatchRecord read_watch(const Path& folder) {
  const Path file = folder / kWatchFile;
  return provided_record<WatchRecord>(read_json(file), file.string());
}

void WatchFrames::add_map(std::span<const float> plane) {
  // Sizes of floats are ordered like their bits, what is no number above all: one pass that vectorises.
  uint32_t largest_bits = 0;
  for (const float v : plane) largest_bits = std::max(largest_bits, std::bit_cast<uint32_t>(v) & 0x7fffffffu);
  const float largest = std::bit_cast<float>(largest_bits);
  const size_t begin = levels.size();
  levels.resize(begin + plane.size());
  // A network that is about to diverge has slopes that are no numbers: such a map is empty.
  units.push_back(std::isfinite(largest) ? largest / kLevels : 0);
  if (!(units.back() > 0)) return;
  const float scale = kLevels / largest;
  int8_t* to = levels.data() + begin;
  for (size_t i = 0; i < plane.size(); ++i) to[i] = static_cast<int8_t>(static_cast<int>(plane[i] * scale + std::copysign(0.5f, plane[i])));
}

std::vector<Path> frame_files(const Path& folder) {
  std::vector<Path> all;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kWatchFrames) && name.ends_with(kWatchFramesEnding)) all.push_back(entry.path());
  }
  std::sort(all.begin(), all.end());
  return all;
}

int64_t first_update_of(const Path& frame_file) {
  const std::string name = frame_file.filename().string();
  const std::string digits = name.substr(kWatchFrames.size(), name.size() - kWatchFrames.size() - kWatchFramesEnding.size());
  require(!digits.empty() && digits.size() <= 15 && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }),
          "{}: no number of updates in its name", frame_file.string());
  return std::stoll(digits);
}

void write_frames(const Path& folder, const WatchFrames& frames) {
  const FramesHeader header{frames.count(), frames.methods, frames.images, frames.rows, frames.columns};
  const std::string line = fields_to_json(header).dump() + "\n";
  const std::string_view pieces[] = {line,
                                     bytes_of(frames.updates),
                                     bytes_of(frames.predicted),
                                     bytes_of(frames.confidence),
                                     bytes_of(frames.units),
                                     bytes_of(frames.levels)};
  write_file(folder / fmt::format("{}{:012}{}", kWatchFrames, frames.updates.front(), kWatchFramesEnding), pieces);
}

WatchFrames read_frames(const Path& file, const WatchRecord& record) {
  const std::string bytes = read_file(file);
  Content content = split(bytes, file);
  WatchFrames frames(record);
  const FramesHeader header = fields_from_json<FramesHeader>(content.header, content.whose);
  require(header == FramesHeader{header.frames, frames.methods, frames.images, frames.rows, frames.columns} && header.frames > 0,
          "{}: it does not belong to the {} beside it", content.whose, kWatchFile);
  const int64_t per_image = Shape{header.frames, header.images}.size(), maps = Shape{header.frames, header.methods, header.images}.size();
  const int64_t levels = Shape{header.frames, header.methods, header.images, header.rows, header.columns}.size();
  require(static_cast<uint64_t>(levels) <= content.numbers.size(), "{}: cut", content.whose);
  frames.updates = taken<int64_t>(content, header.frames);
  frames.predicted = taken<int32_t>(content, per_image);
  frames.confidence = taken<float>(content, per_image);
  frames.units = taken<float>(content, maps);
  frames.levels = taken<int8_t>(content, levels);
  require(content.numbers.empty(), "{}: longer than its frames", content.whose);
  for (const int32_t y : frames.predicted)
    require(y >= 0 && y < std::ssize(record.classes), "{}: class {} of {}", content.whose, y, record.classes.size());
  for (const float unit : frames.units) require(std::isfinite(unit) && unit >= 0, "{}: a map has no scale", content.whose);
  return frames;
}

bool has_training_path(const Path& folder) { return std::filesystem::exists(folder / kWatchPath); }

void write_training_path(const Path& folder, const TrainingPath& path) {
  const auto extents = path.shape.extents();
  const PathHeader header{{extents.begin(), extents.end()}, path.states, path.until};
  const std::string line = fields_to_json(header).dump() + "\n";
  const std::string_view pieces[] = {line, bytes_of(path.sum)};
  write_file(folder / kWatchPath, pieces);
}

TrainingPath read_training_path(const Path& folder) {
  const Path file = folder / kWatchPath;
  const std::string bytes = read_file(file);
  Content content = split(bytes, file);
  const PathHeader header = fields_from_json<PathHeader>(content.header, content.whose);
  require(header.shape.size() == 4 && header.states >= 0 && header.until >= header.states, "{}: impossible numbers", content.whose);
  TrainingPath path{Shape(header.shape), header.states, header.until, {}};
  require(static_cast<uint64_t>(path.shape.size()) <= content.numbers.size(), "{}: cut", content.whose);
  path.sum = taken<double>(content, path.shape.size());
  require(content.numbers.empty(), "{}: longer than its sum", content.whose);
  return path;
}

void remove_watch(const Path& folder) {
  std::error_code none;
  // The record goes first: what is left of a removal that was cut short has no record that would claim it.
  std::filesystem::remove(folder / kWatchFile, none);
  std::vector<Path> rest;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (name == kWatchPath || name == kWatchedPixels || name == kWatchChanges || name.ends_with(kWatchVideoEnding) ||
        (name.starts_with(kWatchFrames) && name.ends_with(kWatchFramesEnding)) ||
        (name.starts_with(kWatchedImage) && name.ends_with(".png")))
      rest.push_back(entry.path());
  }
  for (const Path& file : rest) std::filesystem::remove(file, none);
}

}  // namespace convscope

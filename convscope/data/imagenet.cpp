#include "convscope/data/imagenet.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>
#include <vector>

#include "convscope/base/archive.h"
#include "convscope/base/error.h"
#include "convscope/data/matlab.h"

namespace convscope {

namespace {

constexpr int64_t kMostLabels = 1'000'000;
constexpr uint64_t kLongestText = uint64_t{1} << 26;
constexpr ArchiveLimits kDevkit = {.entry_bytes = int64_t{1} << 26, .total_bytes = int64_t{1} << 28, .entries = 10'000};
constexpr ArchiveLimits kPictures = {.entry_bytes = int64_t{1} << 28, .total_bytes = int64_t{1} << 36, .entries = kMostLabels};

using Labels = std::map<std::string, std::string>;

std::string picture_name(size_t number) { return fmt::format("ILSVRC2012_val_{:08}", number); }

bool is_wordnet_id(std::string_view text) {
  return text.size() == 9 && text[0] == 'n' && std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> words_of(std::string line) {
  std::replace(line.begin(), line.end(), ',', ' ');
  std::istringstream words(line);
  std::vector<std::string> all;
  for (std::string word; words >> word;) all.push_back(word);
  return all;
}

Labels labels_of_text(const std::string& text, const std::string& whose) {
  Labels labels;
  std::istringstream lines(text);
  size_t number = 0, pictures = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::vector<std::string> words = words_of(line);
    if (words.empty() || words.front() == "ImageId") continue;
    ++pictures;
    const bool named = !is_wordnet_id(words[0]);
    require(!named || (words.size() > 1 && is_wordnet_id(words[1])),
            "{}: line {} is '{}'; a WordNet id like n01440764, or a picture's name and the id, was wanted", whose, number,
            line.substr(0, 80));
    const std::string name = named ? Path(words[0]).stem().string() : picture_name(pictures);
    require(labels.emplace(name, words[named ? 1 : 0]).second, "{}: line {}: a second label for {}", whose, number, name);
  }
  require(!labels.empty(), "{}: holds no label; a line for each picture was wanted", whose);
  return labels;
}

Labels labels_of_devkit(const Path& path) {
  std::string truth, meta;
  read_archive(path, kDevkit, [&](ArchiveFile& file) {
    const std::string name = Path(file.entry().name).filename().string();
    if (name == "ILSVRC2012_validation_ground_truth.txt") truth = file.bytes();
    if (name == "meta.mat") meta = file.bytes();
    return truth.empty() || meta.empty();
  });
  require(!truth.empty() && !meta.empty(),
          "{}: lacks ILSVRC2012_validation_ground_truth.txt or meta.mat; is it ILSVRC2012_devkit_t12.tar.gz?", path.string());
  const std::string meta_path = (path / "meta.mat").string(), truth_path = (path / "ILSVRC2012_validation_ground_truth.txt").string();

  std::map<int64_t, std::string> id_of;
  for (const MatlabStruct& synset : read_matlab_structs(meta, "synsets", meta_path)) {
    const auto number = synset.find("ILSVRC2012_ID"), id = synset.find("WNID");
    require(number != synset.end() && id != synset.end() && number->second.numbers.size() == 1 && is_wordnet_id(id->second.text),
            "{}: a synset without ILSVRC2012_ID and WNID", meta_path);
    const double value = number->second.numbers.front();
    require(value >= 0 && value < kMostLabels, "{}: a synset with the number {}", meta_path, value);
    id_of[static_cast<int64_t>(value)] = id->second.text;
  }

  Labels labels;
  std::istringstream lines(truth);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = words_of(line);
    if (words.empty()) continue;
    int64_t number = -1;
    const auto [end, error] = std::from_chars(words[0].data(), words[0].data() + words[0].size(), number);
    const auto id = id_of.find(number);
    require(error == std::errc() && *end == '\0' && id != id_of.end(), "{}: '{}' is no class's number", truth_path, line.substr(0, 80));
    labels.emplace(picture_name(labels.size() + 1), id->second);
  }
  require(!labels.empty(), "{}: holds no label", truth_path);
  return labels;
}

}  // namespace

std::map<std::string, std::string> read_imagenet_labels(const Path& path) {
  const std::string name = path.filename().string();
  if (name.ends_with(".tar.gz") || name.ends_with(".tgz") || name.ends_with(".tar")) return labels_of_devkit(path);
  return labels_of_text(read_file(path, kLongestText), path.string());
}

Prepared prepare_imagenet(const Path& tar, const Path& labels_path, const Path& out, const PrepareOptions& options) {
  const Labels labels = read_imagenet_labels(labels_path);
  require(std::filesystem::is_regular_file(tar), "{}: no such file; ILSVRC2012_img_val.tar was wanted", tar.string());
  const int64_t total = static_cast<int64_t>(std::filesystem::file_size(tar));
  Prepared done;
  done.folder = out / "val";
  make_folder(done.folder);
  const FolderLock lock(done.folder);
  std::set<std::string> seen, classes;
  const auto place = [&](const ArchiveEntry& entry) -> std::optional<Path> {
    const Path file = Path(entry.name).filename();
    const auto label = labels.find(file.stem().string());
    require(label != labels.end(), "{}: {} has no label in {}, which has {}; do they belong together?", tar.string(), file.string(),
            labels_path.string(), labels.size());
    require(seen.insert(label->first).second, "{}: holds {} twice", tar.string(), label->first);
    classes.insert(label->second);
    return Path(label->second) / file;
  };
  const auto progress = [&](int64_t read) {
    if (options.progress) options.progress(read, total);
  };
  const Extracted unpacked =
      extract_archive(tar, done.folder, {.limits = kPictures, .place = place, .progress = progress, .stop = options.stop});
  done.images = static_cast<int64_t>(seen.size());
  done.classes = static_cast<int64_t>(classes.size());
  done.written = unpacked.written;
  done.stopped = unpacked.stopped;
  if (done.stopped) return done;
  const auto lacking = std::find_if(labels.begin(), labels.end(), [&](const auto& label) { return !seen.contains(label.first); });
  require(lacking == labels.end(), "{}: holds {} pictures, {} has {} labels; {} is the first that lacks; is the tar cut?", tar.string(),
          seen.size(), labels_path.string(), labels.size(), lacking == labels.end() ? "" : lacking->first);
  return done;
}

}  // namespace convscope

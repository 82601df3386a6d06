#include "convscope/data/get.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "convscope/base/archive.h"
#include "convscope/base/download.h"
#include "convscope/base/join.h"
#include "convscope/base/md5.h"

namespace convscope {

namespace {

/** A folder of pictures that comes in one archive, class folders under a folder of its own. */
struct PictureArchive {
  std::string name;
  Offer offer;
  int64_t images;
};

const std::vector<PictureArchive>& picture_archives() {
  static const std::vector<PictureArchive> rows = {
      {"flower_photos", {"https://storage.googleapis.com/download.tensorflow.org/example_images/", {{"flower_photos.tgz", ""}}}, 3670},
  };
  return rows;
}

bool is_picture(const Path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".jpg" || ending == ".jpeg" || ending == ".png";
}

SplitFacts count_pictures(const Path& folder) {
  SplitFacts found;
  found.split = "all";
  std::vector<Path> classes;
  if (std::filesystem::is_directory(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.is_directory()) classes.push_back(entry.path());
  std::sort(classes.begin(), classes.end());
  for (const Path& path : classes) {
    const std::filesystem::directory_iterator files(path);
    found.per_class.push_back(std::count_if(begin(files), end(files), [](const auto& file) { return is_picture(file.path()); }));
    found.images += found.per_class.back();
  }
  return found;
}

/** The fetching of one data set: its files, and what is to be said about them if the counts turn out to be wrong. */
class Fetch {
 public:
  Fetch(Path folder, const Offer& offer, const GetOptions& options) : folder_(std::move(folder)), offer_(offer), options_(options) {}

  /** False where it was stopped. */
  bool download_all() {
    std::string address = options_.from.empty() ? offer_.address : options_.from;
    if (!address.ends_with('/')) address += '/';
    for (const OfferedFile& file : offer_.files) {
      const Path path = folder_ / file.name;
      if (!std::filesystem::exists(path)) {
        const auto progress = [&](int64_t done, int64_t total) { tell({file.name, false, done, total}); };
        DownloadOptions how;
        how.progress = progress;
        how.stop = options_.stop;
        if (download(address + file.name, path, how) == DownloadEnd::stopped) return false;
        fetched_.push_back(path);
      }
      const std::string sum = file.md5.empty() ? "" : md5_of_file(path);
      if (sum != file.md5) warnings_.push_back(fmt::format("{}: MD5 is {}, the official one is {}", path.string(), sum, file.md5));
    }
    return true;
  }

  /** Out of the one archive into the folder; false where it was stopped. */
  bool unpack(const std::function<std::optional<Path>(const ArchiveEntry&)>& place) {
    const Path archive = folder_ / offer_.files.front().name;
    const int64_t total = static_cast<int64_t>(std::filesystem::file_size(archive));
    const auto progress = [&](int64_t done) { tell({archive.filename().string(), true, done, total}); };
    return !extract_archive(archive, folder_, {.limits = kLimits, .place = place, .progress = progress, .stop = options_.stop}).stopped;
  }

  /** Runs a step that fails where the content is wrong: then what came goes away, and the error says which checksums were not as published.
   */
  template <typename Step>
  auto checked(Step&& step) {
    try {
      return step();
    } catch (const Error& e) {
      remove_fetched();
      fail("{}{}{}{}", e.what(), warnings_.empty() ? "" : "; ", join(warnings_, "; "),
           fetched_.empty() ? "" : "; what was fetched is removed: run again to fetch it anew");
    }
  }

  void remove_fetched() {
    std::error_code ignored;
    for (const Path& path : fetched_) std::filesystem::remove(path, ignored);
  }

  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  static constexpr ArchiveLimits kLimits = {.entry_bytes = int64_t{1} << 30, .total_bytes = int64_t{1} << 34, .entries = 100'000};

  void tell(const GetProgress& progress) const {
    if (options_.progress) options_.progress(progress);
  }

  Path folder_;
  const Offer& offer_;
  const GetOptions& options_;
  std::vector<Path> fetched_;
  std::vector<std::string> warnings_;
};

bool all_there(const DataSource& source, const Path& folder) {
  return std::all_of(std::begin(kSplits), std::end(kSplits), [&](Split split) { return source.not_unpacked(split, folder).empty(); });
}

Got get_source(const DataSource& source, const Path& folder, const GetOptions& options) {
  Got got;
  got.folder = folder;
  got.was_there = all_there(source, folder);
  if (got.was_there) {
    got.facts = source.check(folder);
    return got;
  }
  const Offer offer = source.offer();
  Fetch fetch(folder, offer, options);
  got.stopped = !fetch.download_all();
  if (got.stopped) return got;
  std::vector<Path> unpacked;
  if (!source.archive().empty()) {
    got.stopped = fetch.checked([&] {
      return !fetch.unpack([&](const ArchiveEntry& entry) -> std::optional<Path> {
        const Path file = Path(entry.name).filename();
        if (file.extension() != ".bin" && file.extension() != ".txt") return std::nullopt;
        unpacked.push_back(folder / file);
        return file;
      });
    });
    if (got.stopped) return got;
  }
  got.facts = fetch.checked([&] {
    try {
      return source.check(folder);
    } catch (const Error&) {
      std::error_code ignored;  // else they would be taken for what is there already
      for (const Path& path : unpacked) std::filesystem::remove(path, ignored);
      throw;
    }
  });
  // The archive's checksum is of all that was in it: it says more than that of a file.
  if (!source.archive().empty()) {
    got.facts.warnings = fetch.warnings();
    fetch.remove_fetched();
  }
  return got;
}

Got get_pictures(const PictureArchive& pictures, const Path& folder, const GetOptions& options) {
  Got got;
  got.folder = folder;
  got.facts.splits = {count_pictures(folder)};
  got.was_there = got.facts.splits.front().images == pictures.images;
  if (got.was_there) return got;
  Fetch fetch(folder, pictures.offer, options);
  got.stopped = !fetch.download_all();
  if (got.stopped) return got;
  const auto below_top = [](const ArchiveEntry& entry) -> std::optional<Path> {
    const size_t slash = entry.name.find('/');
    if (slash == std::string::npos) return std::nullopt;
    return Path(entry.name.substr(slash + 1));
  };
  got.stopped = fetch.checked([&] { return !fetch.unpack(below_top); });
  if (got.stopped) return got;
  fetch.checked([&] {
    got.facts.splits = {count_pictures(folder)};
    require(got.facts.splits.front().images == pictures.images, "{}: {} pictures in the class folders, {} were published", folder.string(),
            got.facts.splits.front().images, pictures.images);
    return 0;
  });
  fetch.remove_fetched();
  return got;
}

}  // namespace

std::vector<std::string> names_to_get() {
  std::vector<std::string> names;
  for (const auto& row : data_sources().rows())
    if (!row.make(json_object())->offer().files.empty()) names.push_back(row.name);
  for (const PictureArchive& pictures : picture_archives()) names.push_back(pictures.name);
  return names;
}

Got get_data(std::string_view name, const Path& root, const GetOptions& options) {
  const std::vector<std::string> known = names_to_get();
  require(std::find(known.begin(), known.end(), name) != known.end(), "no data set '{}' that can be fetched{}", name,
          known_names(name, known));
  const Path folder = root / name;
  make_folder(folder);
  const FolderLock lock(folder);
  for (const PictureArchive& pictures : picture_archives())
    if (pictures.name == name) return get_pictures(pictures, folder, options);
  return get_source(*data_sources().make(name), folder, options);
}

}  // namespace convscope

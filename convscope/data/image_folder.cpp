#include "convscope/data/image_folder.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "convscope/base/join.h"
#include "convscope/base/nearest.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/base/threads.h"
#include "convscope/base/timer.h"
#include "convscope/data/images8.h"
#include "convscope/data/picture_files.h"
#include "convscope/data/sample_names.h"
#include "convscope/tensor/orientation.h"
#include "convscope/tensor/resize.h"

namespace convscope {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRandomCrop = "random-crop";
constexpr uint64_t kLongestFile = uint64_t{1} << 30;
constexpr int64_t kWhole = std::numeric_limits<int64_t>::max();  // a picture is never larger than its file

struct File {
  Path path;  // as it was said
  Path own;   // as the system knows it
  int32_t label;
  std::string name;  // what draws go by: the class's folder and the file in it
};

/** What a folder holds of one split, sorted. */
struct Listing {
  std::vector<std::string> classes;
  std::vector<File> files;
  std::map<std::string, int64_t> left_out;  // files of other kinds, by their endings
};

// ---- What lies where ----

/** Paths in a folder that are not hidden, sorted by name. */
std::vector<Path> entries(const Path& folder, bool (*wanted)(const Path&)) {
  std::vector<Path> all;
  std::error_code trouble;
  for (fs::directory_iterator at(folder, trouble), end; !trouble && at != end; at.increment(trouble))
    if (!at->path().filename().native().starts_with('.') && wanted(at->path())) all.push_back(at->path());
  require(!trouble, "{}: cannot read the folder: {}", folder.string(), trouble.message());
  std::sort(all.begin(), all.end());
  return all;
}

bool is_folder(const Path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/** Class names go into checkpoints and JSON, which are UTF-8; names of files are any bytes. */
std::string class_name(const Path& folder) { return utf8_of(folder.filename().string()); }

/** What people call the folders of the splits, the likeliest first. */
constexpr std::string_view kTrainNames[] = {"train", "training"}, kTestNames[] = {"test", "testing", "val", "valid", "validation"};

/** FOLDER/train, FOLDER/test and the like; nothing where there is none with classes in it. */
std::optional<Path> split_folder(const Path& folder, Split split) {
  const auto first = [&](std::span<const std::string_view> names) -> std::optional<Path> {
    for (const std::string_view name : names)
      if (is_folder(folder / name) && !entries(folder / name, is_folder).empty()) return folder / name;
    return std::nullopt;
  };
  return split == Split::train ? first(kTrainNames) : first(kTestNames);
}

bool is_anything(const Path&) { return true; }

/**
 * Files in a folder and in those below it, as os.walk and torchvision find them: those of a folder before those of its folders, each sorted
 * by name. Hidden ones are passed over; so is a folder that was seen already, which a link led back to.
 */
void walk(const Path& folder, std::set<Path>& seen, std::vector<Path>& files) {
  if (!seen.insert(fs::canonical(folder)).second) return;
  std::vector<Path> folders;
  for (const Path& path : entries(folder, is_anything)) (is_folder(path) ? folders : files).push_back(path);
  for (const Path& below : folders) walk(below, seen, files);
}

/** "12 files left out: 9 .heic, 3 .gif"; empty where there are none. */
std::string left_out_text(const std::map<std::string, int64_t>& left_out) {
  int64_t count = 0;
  std::vector<std::string> kinds;
  for (const auto& [ending, files] : left_out) {
    count += files;
    kinds.push_back(fmt::format("{} {}", files, ending.empty() ? "without an ending" : ending));
  }
  if (count == 0) return "";
  return fmt::format("{} file{} left out, which are no pictures that are read: {}", count, count == 1 ? "" : "s", join(kinds, ", "));
}

std::vector<std::string> class_names(const std::vector<Path>& folders, const Path& where) {
  std::vector<std::string> names;
  for (const Path& folder : folders) names.push_back(class_name(folder));
  require(!names.empty(), "{}: no class folders in it; class/*.jpg, or train/class/*.jpg and test/class/*.jpg, were wanted",
          where.string());
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  require(twice == sorted.end(), "{}: two class folders are both called '{}'; rename one", where.string(),
          twice == sorted.end() ? "" : *twice);
  return names;
}

/** "rose/tulip", each of them a class; empty: all. */
std::vector<std::string> chosen_classes(const std::string& text, std::vector<std::string> all, const Path& where) {
  if (text.empty()) return all;
  std::vector<std::string> chosen;
  std::istringstream names(text);
  for (std::string name; std::getline(names, name, '/');) {
    require(std::find(all.begin(), all.end(), name) != all.end(), "{}: no class '{}'{}", where.string(), name, known_names(name, all));
    require(std::find(chosen.begin(), chosen.end(), name) == chosen.end(), "{}: class '{}' is said twice", where.string(), name);
    chosen.push_back(name);
  }
  std::erase_if(all, [&](const std::string& name) { return std::find(chosen.begin(), chosen.end(), name) == chosen.end(); });
  return all;
}

uint64_t draw_of(const File& file, std::string_view what, uint64_t seed) { return draw_by_name(file.name, what, seed); }

/** The `count` places of 0 … n−1 whose pictures draw the smallest numbers, in order. */
std::vector<int64_t> drawn(const std::vector<File>& files, int64_t count, std::string_view what, uint64_t seed) {
  std::vector<std::pair<uint64_t, int64_t>> draws;
  for (size_t i = 0; i < files.size(); ++i) draws.emplace_back(draw_of(files[i], what, seed), static_cast<int64_t>(i));
  std::sort(draws.begin(), draws.end());
  draws.resize(std::min(draws.size(), static_cast<size_t>(count)));
  std::vector<int64_t> places;
  for (const auto& [draw, place] : draws) places.push_back(place);
  std::sort(places.begin(), places.end());
  return places;
}

/** The pictures of a class that belong to the split, where the folder has no splits of its own. */
std::vector<File> part_of(std::vector<File> files, Split split, const ImageFolderOptions& o, const Path& folder) {
  if (o.held_out == 0) return files;
  require(files.size() > 1, "{}: one picture cannot be held out and learnt from; remove the class or fill it", folder.string());
  std::vector<uint64_t> draws;
  for (const File& file : files) draws.push_back(draw_of(file, "held out", static_cast<uint64_t>(o.seed)));
  // At least one picture lies on each side of the border.
  const auto [least, most] = std::minmax_element(draws.begin(), draws.end());
  const auto border = std::clamp(static_cast<uint64_t>(o.held_out * 0x1p63) * 2, *least + 1, *most);
  std::vector<File> part;
  for (size_t i = 0; i < files.size(); ++i)
    if ((draws[i] < border) == (split == Split::test)) part.push_back(std::move(files[i]));
  return part;
}

Listing list(const Path& folder, const ImageFolderOptions& o, Split split) {
  const std::optional<Path> own = split_folder(folder, split), train = split_folder(folder, Split::train);
  const bool parted = own || has_splits(folder);
  require(own || !parted, "{}: has no {} with class folders in it", folder.string(),
          split == Split::train ? "train/ or training/" : "test/, testing/, val/, valid/ or validation/");
  require(o.held_out == 0 || !parted, "{}: held_out is for folders without splits; this one has {}", folder.string(),
          own.value_or(folder).filename().string());
  const Path place = own.value_or(folder), first = train.value_or(place);

  Listing listing;
  const std::vector<std::string> all = class_names(entries(first, is_folder), first);
  listing.classes = chosen_classes(o.classes, all, first);
  const std::vector<Path> folders = entries(place, is_folder);
  const std::vector<std::string> names = class_names(folders, place);
  for (size_t i = 0; i < folders.size(); ++i) {
    require(std::find(all.begin(), all.end(), names[i]) != all.end(), "{}: no class folder of this name in {}{}", folders[i].string(),
            first.string(), known_names(names[i], all));
    const auto at = std::find(listing.classes.begin(), listing.classes.end(), names[i]);
    if (at == listing.classes.end()) continue;
    const auto label = at - listing.classes.begin();
    std::set<Path> seen;
    std::vector<Path> found;
    walk(folders[i], seen, found);
    std::vector<File> files;
    for (const Path& file : found) {
      if (!is_picture_file(file)) {
        ++listing.left_out[file.extension().string()];
        continue;
      }
      files.push_back({.path = file,
                       .own = fs::canonical(file.parent_path()) / file.filename(),
                       .label = static_cast<int32_t>(label),
                       .name = (folders[i].filename() / file.lexically_relative(folders[i])).generic_string()});
    }
    require(!files.empty(), "{}: the class folder holds no picture ({}); remove it or fill it{}", folders[i].string(), kPictureEndings,
            listing.left_out.empty() ? "" : "; " + left_out_text(listing.left_out));
    std::vector<File> part = part_of(std::move(files), split, o, folders[i]);
    std::move(part.begin(), part.end(), std::back_inserter(listing.files));
  }
  for (const Path& beside : entries(place, is_anything))
    if (!is_folder(beside)) ++listing.left_out[is_picture_file(beside) ? "beside the class folders" : beside.extension().string()];
  require(!listing.files.empty(), "{}: none of the chosen classes has pictures in it", place.string());
  return listing;
}

// ---- Memory ----

/** What Linux would give without swapping, within the limit of a container; nothing where the system does not tell. */
std::optional<int64_t> free_bytes() {
  std::optional<int64_t> least;
  const auto at_most = [&](int64_t bytes) { least = std::min(bytes, least.value_or(bytes)); };
  const auto text_of = [](const char* path) {
    try {
      return read_file(path, 1 << 16);
    } catch (const Error&) {
      return std::string();
    }
  };
  std::istringstream facts(text_of("/proc/meminfo"));
  for (std::string key; facts >> key;) {
    int64_t kilobytes = 0;
    if (key == "MemAvailable:" && facts >> kilobytes) at_most(kilobytes * 1024);
  }
  int64_t limit = 0, used = 0;
  if (std::istringstream(text_of("/sys/fs/cgroup/memory.max")) >> limit &&
      std::istringstream(text_of("/sys/fs/cgroup/memory.current")) >> used)
    at_most(std::max<int64_t>(0, limit - used));
  return least;
}

void require_fits(const Path& folder, int64_t images, const Shape& picture) {
  const double bytes = static_cast<double>(images) * static_cast<double>(picture.size()), giga = 1 << 30;
  const std::optional<int64_t> free = free_bytes();
  require(!free || bytes <= static_cast<double>(*free),
          "{}: {} pictures {} take {:.1f} GB decoded, {:.1f} GB of memory are free; a smaller size=… or sample=… fits", folder.string(),
          images, picture, bytes / giga, free ? static_cast<double>(*free) / giga : 0.0);
}

// ---- The data set ----

/** What is known of a folder's pictures without reading them. */
class ListedFolder : public Dataset {
 public:
  ListedFolder(Listing listing, std::vector<int64_t> numbers)
      : left_out_(std::move(listing.left_out)), classes_(std::move(listing.classes)), numbers_(std::move(numbers)) {
    for (const int64_t n : numbers_) files_.push_back(std::move(listing.files[static_cast<size_t>(n)]));
  }

  int64_t size() const override { return std::ssize(numbers_); }
  Shape image_shape() const override { return {1, 1, 1}; }
  const std::vector<std::string>& classes() const override { return classes_; }
  int64_t label(int64_t index) const override { return file_at(index).label; }
  int64_t number(int64_t index) const override { return numbers_[static_cast<size_t>(index)]; }
  Path file(int64_t index) const override { return file_at(index).own; }
  void pixels(int64_t, uint64_t, std::span<float>) const override { fail("a list of pictures has no pixels"); }

 protected:
  const File& file_at(int64_t index) const { return files_[static_cast<size_t>(index)]; }
  std::map<std::string, int64_t> left_out_;

 private:
  std::vector<std::string> classes_;
  std::vector<int64_t> numbers_;
  std::vector<File> files_;
};

/** How files become pictures. */
struct Preparation {
  Fit fit;
  bool random_crop;  // pictures of many sizes, of which a part is shown
  bool scaled;       // decoded smaller where that is enough
  bool orient;       // turned as EXIF says
};

/** Pictures of one size, or of many sizes of which a part is shown. */
class ImageFolder : public ListedFolder {
 public:
  ImageFolder(Listing listing, std::vector<int64_t> numbers, Shape image, Preparation how, uint64_t seed)
      : ListedFolder(std::move(listing), std::move(numbers)), image_(image), how_(how), random_(seed, "crop") {
    const std::string left_out = left_out_text(left_out_);
    const int64_t count = size();
    if (how_.random_crop)
      pictures_.resize(static_cast<size_t>(count));
    else
      levels_.resize(static_cast<size_t>(count * image_.size()));

    const Timer timer;
    std::atomic<int64_t> next = 0, held = 0, short_sides = 0;
    std::vector<uint8_t> scaled(static_cast<size_t>(count));
    // Each thread takes the next picture: some take ten times as long as others.
    parallel(std::min<int64_t>(threads(), count), 1, [&](int64_t begin, int64_t end) {
      for (int64_t thread = begin; thread < end; ++thread) {
        try {
          for (int64_t i; (i = next++) < count;) {
            ScaledImage file = read(i);
            short_sides += std::min(file.rows, file.columns);
            scaled[static_cast<size_t>(i)] = file.image.rows < file.rows;
            Image picture = brought(std::move(file.image));
            held += std::ssize(picture.pixels);
            if (how_.random_crop)
              pictures_[static_cast<size_t>(i)] = std::move(picture);
            else
              std::copy(picture.pixels.begin(), picture.pixels.end(), levels_.begin() + i * image_.size());
          }
        } catch (...) {
          next = count;  // the others need not go on
          throw;
        }
      }
    });
    decoding_ = {count, timer.seconds(), held, image_,
                 static_cast<double>(short_sides) / static_cast<double>(count * std::min(image_[1], image_[2]))};
    decoding_.left_out = left_out;
    decoding_.scaled = std::count(scaled.begin(), scaled.end(), 1);
    decoding_.strays = strays(scaled);
  }

  Shape image_shape() const override { return image_; }
  const Decoding& decoding() const { return decoding_; }

  std::span<const uint8_t> levels(int64_t index) const override {
    assert(index >= 0 && index < size());
    if (how_.random_crop) return {};
    return std::span(levels_).subspan(static_cast<size_t>(index * image_.size()), static_cast<size_t>(image_.size()));
  }

  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override {
    assert(static_cast<int64_t>(out.size()) == image_.size());
    const auto show = [&](std::span<const uint8_t> from) { std::transform(from.begin(), from.end(), out.begin(), pixel_of_level); };
    if (!how_.random_crop) return show(levels(index));
    const auto number_of = static_cast<uint64_t>(number(index));
    show(random_resized_crop(pictures_[static_cast<size_t>(index)], image_[1], image_[2], random_, number_of, epoch).pixels);
  }

 private:
  /** The file's picture, as large as is wanted at least. */
  ScaledImage read(int64_t index) const {
    const bool by_short_side = how_.random_crop || how_.fit == Fit::crop;
    const int64_t shorter = short_side_of(image_[1]);
    const int64_t rows = !how_.scaled    ? kWhole
                         : by_short_side ? shorter
                                         : image_[1],
                  columns = !how_.scaled    ? kWhole
                            : by_short_side ? shorter
                                            : image_[2];
    const Path& path = file_at(index).path;
    if (!how_.orient) return read_image_at_least(rows, columns, path);
    const std::string bytes = read_file(path, kLongestFile);
    const int orientation = orientation_of(bytes);
    const bool turned = orientation >= 5;
    ScaledImage made = parse_image_at_least(turned ? columns : rows, turned ? rows : columns, bytes, path.string());
    made.image = oriented(made.image, orientation);
    if (turned) std::swap(made.rows, made.columns);
    return made;
  }

  Image whole(int64_t index) const {
    const Path& path = file_at(index).path;
    if (!how_.orient) return read_image(path);
    const std::string bytes = read_file(path, kLongestFile);
    return oriented(parse_image(bytes, path.string()), orientation_of(bytes));
  }

  /** With the channels and in the size that are kept. */
  Image brought(Image picture) const {
    picture = with_channels(std::move(picture), image_[0]);
    return how_.random_crop ? resize_short_side(picture, short_side_of(image_[1]))
                            : fitted(std::move(picture), image_[1], image_[2], how_.fit);
  }

  /** How far some of those that were decoded smaller are from exact ones: mean absolute difference in levels. */
  double strays(std::span<const uint8_t> scaled) const {
    constexpr int64_t kCompared = 16;
    int64_t compared = 0, numbers = 0, sum = 0;
    for (int64_t i = 0; i < size() && compared < kCompared; ++i) {
      if (!scaled[static_cast<size_t>(i)]) continue;
      const Image exact = brought(whole(i)), kept = brought(read(i).image);
      if (exact.pixels.size() != kept.pixels.size()) continue;  // a random crop's longer side, rounded otherwise
      for (size_t p = 0; p < exact.pixels.size(); ++p) sum += std::abs(exact.pixels[p] - kept.pixels[p]);
      numbers += std::ssize(exact.pixels);
      ++compared;
    }
    return numbers == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(numbers);
  }

  Shape image_;
  Preparation how_;
  RandomStream random_;
  std::vector<uint8_t> levels_;  // of one size
  std::vector<Image> pictures_;  // of which a part is shown
  Decoding decoding_;
};

/** [C, H, W] that the options and the network ask for. */
Shape picture_shape(const Path& folder, const ImageFolderOptions& o, const std::optional<Shape>& image) {
  require(o.size >= 0, "{}: size={}; 0 or more was wanted", folder.string(), o.size);
  require(o.size > 0 || image, "{}: nothing tells the size of the pictures; say it: {},size=224", folder.string(), folder.string());
  const int64_t channels = o.grey ? 1 : image ? (*image)[0] : 3;
  require(channels == 1 || channels == 3, "{}: the network takes pictures of {} channels; files have 1 or 3", folder.string(), channels);
  return o.size > 0 ? Shape{channels, o.size, o.size} : Shape{channels, (*image)[1], (*image)[2]};
}

void check(const Path& folder, const ImageFolderOptions& o) {
  require_folder(folder);
  require(o.sample >= 0, "{}: sample={}; 0 or more was wanted", folder.string(), o.sample);
  require(o.held_out >= 0 && o.held_out < 1, "{}: held_out={}; a share from 0 to below 1 was wanted", folder.string(), o.held_out);
}

/** Whether `decode` asks for pictures that are decoded smaller. */
bool decodes_scaled(const Path& folder, const ImageFolderOptions& o) {
  const std::vector<std::string> known{"exact", "scaled"};
  require(o.decode == known[0] || o.decode == known[1], "{}: decode: no way '{}'{}", folder.string(), o.decode,
          known_names(o.decode, known));
  return o.decode == known[1];
}

/** The places in the listing that the options ask for. */
std::vector<int64_t> sampled(const Listing& listing, const ImageFolderOptions& o, Split split) {
  const int64_t files = std::ssize(listing.files);
  return drawn(listing.files, o.sample == 0 ? files : o.sample, fmt::format("sample {}", split_name(split)), static_cast<uint64_t>(o.seed));
}

}  // namespace

void require_folder(const Path& folder) {
  if (is_folder(folder)) return;
  std::error_code ignored;
  require(!std::filesystem::exists(folder, ignored), "{}: it is no folder; one with a sub-folder for each class was wanted",
          folder.string());
  Path whole = folder.has_filename() ? folder : folder.parent_path();
  std::vector<std::string> beside;
  for (const auto& entry : std::filesystem::directory_iterator(whole.has_parent_path() ? whole.parent_path() : Path("."), ignored))
    if (is_folder(entry.path())) beside.push_back(entry.path().filename().string());
  const std::string near = nearest(whole.filename().string(), beside);
  fail("{}: no such folder{}", folder.string(),
       near.empty() ? "" : fmt::format("; did you mean '{}'?", whole.replace_filename(near).string()));
}

bool has_split(const Path& folder, Split split) { return split_folder(folder, split).has_value(); }
bool has_splits(const Path& folder) { return has_split(folder, Split::train) || has_split(folder, Split::test); }

std::shared_ptr<const Dataset> open_image_folder(const Path& folder, const ImageFolderOptions& o, Split split,
                                                 const std::optional<Shape>& image) {
  check(folder, o);
  const bool cropped_at_random = o.resize == kRandomCrop;
  const Fit fit = cropped_at_random ? Fit::crop : parse_fit(o.resize);
  const bool random_crop = cropped_at_random && split == Split::train;
  const Preparation how{.fit = fit, .random_crop = random_crop, .scaled = decodes_scaled(folder, o), .orient = o.orient};
  const Shape shape = picture_shape(folder, o, image);
  require(fit == Fit::squash || shape[1] == shape[2],
          "{}: resize={} makes squares, pictures of {} x {} (rows x columns) are wanted; resize=squash makes any size", folder.string(),
          o.resize, shape[1], shape[2]);

  Listing listing = list(folder, o, split);
  std::vector<int64_t> numbers = sampled(listing, o, split);
  const int64_t held = short_side_of(shape[1]);
  require_fits(folder, std::ssize(numbers), random_crop ? Shape{shape[0], held, held * 3 / 2} : shape);  // most photos are no longer
  return std::make_shared<ImageFolder>(std::move(listing), std::move(numbers), shape, how, static_cast<uint64_t>(o.seed));
}

std::shared_ptr<const Dataset> list_image_folder(const Path& folder, const ImageFolderOptions& o, Split split) {
  check(folder, o);
  Listing listing = list(folder, o, split);
  std::vector<int64_t> numbers = sampled(listing, o, split);
  return std::make_shared<ListedFolder>(std::move(listing), std::move(numbers));
}

const Decoding* decoding_of(const Dataset& dataset) {
  const auto* folder = dynamic_cast<const ImageFolder*>(&dataset);
  return folder ? &folder->decoding() : nullptr;
}

}  // namespace convscope

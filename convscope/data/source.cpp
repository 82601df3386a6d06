#include "convscope/data/source.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "convscope/base/archive.h"
#include "convscope/base/md5.h"
#include "convscope/base/threads.h"
#include "convscope/data/sources/array.h"
#include "convscope/data/sources/cifar10.h"
#include "convscope/data/sources/cifar100.h"
#include "convscope/data/sources/fashion_mnist.h"
#include "convscope/data/sources/folder.h"
#include "convscope/data/sources/mnist.h"
#include "convscope/data/sources/oscillations.h"
#include "convscope/data/unpack.h"

namespace convscope {

const Table<DataSource>& data_sources() {
  static const Table<DataSource> table(
      "data set",
      {
          entry<FashionMnist, DataSource>(FashionMnist::kName, "70,000 grey pictures of clothes, 28x28, 10 classes"),
          entry<Mnist, DataSource>(Mnist::kName, "70,000 grey pictures of written digits, 28x28, 10 classes"),
          entry<Cifar10, DataSource>(Cifar10::kName, "60,000 colour photos of animals and vehicles, 32x32, 10 classes"),
          entry<Cifar100, DataSource>(Cifar100::kName, "60,000 colour photos, 32x32, 100 classes in 20 groups"),
          entry<Oscillations, DataSource>(Oscillations::kName, "30,000 images of oscillations, 32x32, made as they are asked for"),
          entry<FolderSource, DataSource>(FolderSource::kName,
                                          "a folder of pictures with a folder for each class, or train/ and test/ with such"),
          entry<ArraySource, DataSource>(ArraySource::kName, "pictures as floats in a .npy file with labels beside, as attack leaves them"),
      });
  return table;
}

namespace {

/** The file, plain or gzipped; nothing where the folder has neither. */
std::optional<Path> find_file(const std::string& name, const Path& folder) {
  std::vector<std::string> names{name};
  // The IDX files of some collections: train-images.idx3-ubyte.
  if (const size_t dash = name.find("-idx"); dash != std::string::npos) names.push_back(std::string(name).replace(dash, 1, "."));
  for (const std::string& called : names)
    for (const char* ending : {"", ".gz"}) {
      const Path path = folder / (called + ending);
      std::error_code unreadable;
      if (std::filesystem::is_regular_file(path, unreadable)) return path;
    }
  return std::nullopt;
}

constexpr int64_t kLongestEntry = int64_t{1} << 30;  // of an archive

std::optional<Path> find_archive(const DataSource& source, const Path& folder) {
  const std::string name = source.archive();
  std::error_code unreadable;
  if (name.empty() || !std::filesystem::is_regular_file(folder / name, unreadable)) return std::nullopt;
  return folder / name;
}

FileFacts file_facts(const Path& path, int64_t bytes, std::string sum, const std::string& official, DataFacts& all) {
  if (!official.empty() && sum != official)
    all.warnings.push_back(
        fmt::format("{}: MD5 of the content is {}, the official one is {}; the counts are right", path.string(), sum, official));
  return {path.string(), bytes, std::move(sum), official};
}

}  // namespace

std::vector<std::string> DataSource::not_unpacked(Split split, const Path& folder) const {
  std::vector<std::string> names;
  for (const DataFile& file : files(split))
    if (!find_file(file.name, folder)) names.push_back(file.name);
  return names;
}

std::vector<std::string> DataSource::missing(Split split, const Path& folder) const {
  return find_archive(*this, folder) ? std::vector<std::string>{} : not_unpacked(split, folder);
}

void DataSource::read(const std::vector<DataFile>& wanted, const Path& folder,
                      const std::function<void(size_t place, FileContent)>& take) const {
  std::vector<std::optional<Path>> paths;
  for (const DataFile& file : wanted) paths.push_back(find_file(file.name, folder));
  const auto lacking = std::find(paths.begin(), paths.end(), std::nullopt);
  if (lacking == paths.end()) {
    for (size_t i = 0; i < wanted.size(); ++i) take(i, {*paths[i], read_unpacked(*paths[i], wanted[i].bytes + 1)});
    return;
  }
  const std::optional<Path> archive = find_archive(*this, folder);
  const std::string& name = wanted[static_cast<size_t>(lacking - paths.begin())].name;
  require(archive.has_value(), "{}: has neither {} nor {}.gz", folder.string(), name, name);
  std::vector<bool> taken(wanted.size(), false);
  read_archive(*archive, {.entry_bytes = kLongestEntry}, [&](ArchiveFile& entry) {
    const std::string file_name = Path(entry.entry().name).filename().string();
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].name != file_name) continue;
      const Path path = *archive / file_name;
      require(entry.entry().size == wanted[i].bytes && !taken[i],
              "{}: {} bytes, {} were wanted, once; is it another archive under this name?", path.string(), entry.entry().size,
              wanted[i].bytes);
      taken[i] = true;
      take(i, {path, entry.bytes()});
    }
    return std::find(taken.begin(), taken.end(), false) != taken.end();
  });
  for (size_t i = 0; i < wanted.size(); ++i)
    require(taken[i], "{}: holds no {}; is it another archive under this name?", archive->string(), wanted[i].name);
}

int32_t DataSource::checked_label(uint8_t label, size_t classes, int64_t image, const Path& path) {
  require(label < classes, "{}: image {} has label {}, labels are 0 to {}; fetch the file again", path.string(), image, label, classes - 1);
  return label;
}

SplitFacts facts(const Dataset& dataset, std::string_view split) {
  const Shape shape = dataset.image_shape();
  const int64_t channels = shape[0], plane = shape[1] * shape[2];
  SplitFacts found;
  found.split = split;
  found.images = dataset.size();
  found.per_class.assign(dataset.classes().size(), 0);
  for (int64_t i = 0; i < dataset.size(); ++i) ++found.per_class[static_cast<size_t>(dataset.label(i))];

  // Sums of each plane by itself, then over the images in order: the same numbers whatever the threads.
  struct Sums {
    double pixels = 0, squares = 0;
  };
  std::vector<Sums> sums(static_cast<size_t>(dataset.size() * channels));
  parallel(dataset.size(), 64, [&](int64_t begin, int64_t end) {
    std::vector<float> image(static_cast<size_t>(shape.size()));
    for (int64_t i = begin; i < end; ++i) {
      dataset.pixels(i, 0, image);
      for (int64_t c = 0; c < channels; ++c) {
        Sums s;
        for (const float x : std::span(image).subspan(static_cast<size_t>(c * plane), static_cast<size_t>(plane))) {
          s.pixels += x;
          s.squares += static_cast<double>(x) * x;
        }
        sums[static_cast<size_t>(i * channels + c)] = s;
      }
    }
  });
  const double count = static_cast<double>(dataset.size() * plane);
  for (int64_t c = 0; c < channels; ++c) {
    Sums all;
    for (int64_t i = 0; i < dataset.size(); ++i) {
      all.pixels += sums[static_cast<size_t>(i * channels + c)].pixels;
      all.squares += sums[static_cast<size_t>(i * channels + c)].squares;
    }
    const double mean = all.pixels / count;
    found.mean.push_back(mean);
    found.deviation.push_back(std::sqrt(std::max(0.0, all.squares / count - mean * mean)));
  }
  return found;
}

DataFacts DataSource::check(const Path& folder) const {
  DataFacts all;
  for (const Split split : kSplits) {
    const std::shared_ptr<const Dataset> dataset = load(split, folder);
    all.splits.push_back(facts(*dataset, split_name(split)));
    const std::vector<int64_t>& found = all.splits.back().per_class;
    const std::vector<int64_t> published = per_class(split);
    for (size_t y = 0; y < published.size(); ++y)
      require(found[y] == published[y], "{} in {}: {} {} images of class {} '{}', {} were published; fetch the files again", name(),
              folder.string(), found[y], split_name(split), y, dataset->classes()[y], published[y]);

    const std::vector<DataFile> wanted = files(split);
    std::vector<FileFacts> facts_of(wanted.size());
    read(wanted, folder, [&](size_t i, const FileContent& content) {
      facts_of[i] = file_facts(content.path, static_cast<int64_t>(content.bytes.size()), md5(content.bytes), wanted[i].md5, all);
    });
    all.files.insert(all.files.end(), facts_of.begin(), facts_of.end());
  }
  const std::optional<Path> packed = find_archive(*this, folder);
  for (const OfferedFile& file : offer().files)
    if (packed && file.name == archive())
      all.files.push_back(
          file_facts(*packed, static_cast<int64_t>(std::filesystem::file_size(*packed)), md5_of_file(*packed), file.md5, all));
  return all;
}

}  // namespace convscope

#include "convscope/data/sources/cifar10.h"

#include <sstream>

#include "convscope/data/images8.h"

namespace convscope {

namespace {

constexpr int64_t kRecords = 10000;  // in each file
constexpr int64_t kImage = 3 * 32 * 32;
constexpr int64_t kRecord = 1 + kImage;
constexpr size_t kClasses = 10;
constexpr const char* kNamesFile = "batches.meta.txt";
// What the archive unpacks to.
constexpr const char* kArchiveFolder = "cifar-10-batches-bin";

std::vector<std::string> class_names(const Path& folder) {
  const Path path = folder / kNamesFile;
  std::error_code unreadable;
  if (!std::filesystem::is_regular_file(path, unreadable))
    return {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
  std::vector<std::string> names;
  std::istringstream lines(read_file(path, 1 << 16));
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  require(names.size() == kClasses, "{}: {} class names, {} were wanted, one a line; fetch the file again or remove it", path.string(),
          names.size(), kClasses);
  return names;
}

}  // namespace

std::vector<Path> Cifar10::folders() const { return {kName, Path(kName) / kArchiveFolder, kArchiveFolder}; }

std::vector<DataFile> Cifar10::files(Split split) const {
  constexpr int64_t kBytes = kRecords * kRecord;
  if (split == Split::test) return {{"test_batch.bin", kBytes, ""}};
  std::vector<DataFile> all;
  for (int batch = 1; batch <= 5; ++batch) all.push_back({fmt::format("data_batch_{}.bin", batch), kBytes, ""});
  return all;
}

std::vector<int64_t> Cifar10::per_class(Split split) const { return std::vector<int64_t>(kClasses, split == Split::train ? 5000 : 1000); }

std::string Cifar10::how_to_get(const Path& root) const {
  return fmt::format(
      "unpack https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz and put data_batch_1.bin to data_batch_5.bin, "
      "test_batch.bin and {} into {}",
      kNamesFile, (root / kName).string());
}

std::shared_ptr<const Dataset> Cifar10::load(Split split, const Path& folder) const {
  const std::vector<DataFile> published = files(split);
  const int64_t images = kRecords * static_cast<int64_t>(published.size());
  std::vector<uint8_t> levels;
  std::vector<int32_t> labels;
  levels.reserve(static_cast<size_t>(images * kImage));
  labels.reserve(static_cast<size_t>(images));
  for (const DataFile& file : published) {
    const Content content = read(file, folder);
    const int64_t bytes = static_cast<int64_t>(content.bytes.size());
    require(bytes >= file.bytes, "{}: {} bytes, {} were wanted ({} images of {} bytes): the file is {}; fetch it again",
            content.path.string(), bytes, file.bytes, kRecords, kRecord, bytes == 0 ? "empty" : "cut");
    require(bytes == file.bytes, "{}: more than the {} bytes that were wanted ({} images of {} bytes); is it another file under this name?",
            content.path.string(), file.bytes, kRecords, kRecord);
    const auto* record = reinterpret_cast<const uint8_t*>(content.bytes.data());
    for (int64_t i = 0; i < kRecords; ++i, record += kRecord) {
      labels.push_back(checked_label(*record, kClasses, i, content.path));
      levels.insert(levels.end(), record + 1, record + kRecord);
    }
  }
  return std::make_shared<Images8>(Shape{images, 3, 32, 32}, std::move(levels), std::move(labels), class_names(folder));
}

}  // namespace convscope

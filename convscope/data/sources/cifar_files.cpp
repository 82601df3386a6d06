#include "convscope/data/sources/cifar_files.h"

#include <algorithm>
#include <cassert>
#include <sstream>
#include <utility>

#include "convscope/data/images8.h"

namespace convscope {

namespace {

constexpr int64_t kImage = 3 * 32 * 32;
constexpr int64_t kLongestNames = 1 << 16;

std::vector<std::string> names_in(const Path& path, size_t wanted) {
  std::vector<std::string> names;
  std::istringstream lines(read_file(path, kLongestNames));
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  require(names.size() == wanted, "{}: {} class names, {} were wanted, one a line; fetch the file again or remove it", path.string(),
          names.size(), wanted);
  return names;
}

}  // namespace

int64_t CifarFiles::bytes_of(int64_t records, int64_t labels) { return records * (labels + kImage); }

std::vector<Path> CifarFiles::folders() const {
  const Path unpacked = format().archive_folder;
  return {name(), name() / unpacked, unpacked};
}

Offer CifarFiles::offer() const { return {"https://www.cs.toronto.edu/~kriz/", {{format().archive, format().md5}}}; }

std::string CifarFiles::how_to_get(const Path& root) const {
  return fmt::format("`convscope data get {}`; or put {}{} into {}", name(), offer().address, format().archive, (root / name()).string());
}

void CifarFiles::read_records(const FileContent& content, const Record& record, std::span<int32_t> labels, std::span<uint8_t> levels) {
  assert(levels.size() == labels.size() * kImage);
  const int64_t each = record.labels + kImage, count = static_cast<int64_t>(labels.size());
  const int64_t bytes = static_cast<int64_t>(content.bytes.size()), wanted = count * each;
  require(bytes >= wanted, "{}: {} bytes, {} were wanted ({} images of {} bytes): the file is {}; fetch it again", content.path.string(),
          bytes, wanted, count, each, bytes == 0 ? "empty" : "cut");
  require(bytes == wanted, "{}: more than the {} bytes that were wanted ({} images of {} bytes); is it another file under this name?",
          content.path.string(), wanted, count, each);
  const auto* at = reinterpret_cast<const uint8_t*>(content.bytes.data());
  for (int64_t i = 0; i < count; ++i, at += each) {
    labels[static_cast<size_t>(i)] = checked_label(at[record.label], record.classes, i, content.path);
    std::copy(at + record.labels, at + each, levels.begin() + i * kImage);
  }
}

std::shared_ptr<const Dataset> CifarFiles::load(Split split, const Path& folder) const {
  const Format f = format();
  const int64_t record = f.labels + kImage;
  const std::vector<DataFile> published = files(split);
  std::vector<int64_t> first_of = {0};  // each file's first image, and the count of all
  for (const DataFile& file : published) first_of.push_back(first_of.back() + file.bytes / record);
  const int64_t images = first_of.back();

  std::vector<std::string> classes = f.classes;
  std::error_code unreadable;
  const Path names = folder / f.names_file;
  if (std::filesystem::is_regular_file(names, unreadable)) classes = names_in(names, classes.size());

  std::vector<uint8_t> levels(static_cast<size_t>(images * kImage));
  std::vector<int32_t> labels(static_cast<size_t>(images));
  read(published, folder, [&](size_t place, const FileContent& content) {
    const size_t first = static_cast<size_t>(first_of[place]), count = static_cast<size_t>(first_of[place + 1]) - first;
    read_records(content, {f.labels, f.label, classes.size()}, std::span(labels).subspan(first, count),
                 std::span(levels).subspan(first * kImage, count * kImage));
  });
  return std::make_shared<Images8>(Shape{images, 3, 32, 32}, std::move(levels), std::move(labels), std::move(classes));
}

}  // namespace convscope

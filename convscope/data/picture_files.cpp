#include "convscope/data/picture_files.h"

#include <algorithm>

#include "convscope/base/error.h"
#include "convscope/base/natural_order.h"

namespace convscope {

namespace {

std::vector<std::string> pictures_in(const Path& folder) {
  std::vector<std::string> all;
  std::error_code trouble;
  for (std::filesystem::directory_iterator at(folder, trouble), end; !trouble && at != end; at.increment(trouble))
    if (!at->path().filename().native().starts_with('.') && is_picture_file(at->path())) all.push_back(at->path().string());
  require(!trouble, "{}: cannot read the folder: {}", folder.string(), trouble.message());
  bool deeper = false;
  for (std::filesystem::directory_iterator at(folder, trouble), end; !trouble && at != end; at.increment(trouble))
    deeper = deeper || at->is_directory(trouble);
  require(!all.empty(), "{}: no picture ({}) lies in this folder{}", folder.string(), kPictureEndings,
          deeper ? "; folders in it are not looked into: name them, FOLDER/*" : "");
  std::sort(all.begin(), all.end(), naturally_before);
  return all;
}

}  // namespace

bool is_picture_file(const Path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::error_code ignored;
  constexpr std::string_view kKnown[] = {".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".gif"};
  return std::find(std::begin(kKnown), std::end(kKnown), ending) != std::end(kKnown) && std::filesystem::is_regular_file(path, ignored);
}

std::vector<std::string> picture_files(std::span<const std::string> paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code ignored;
    const std::vector<std::string> some = std::filesystem::is_directory(path, ignored) ? pictures_in(path) : std::vector<std::string>{path};
    files.insert(files.end(), some.begin(), some.end());
  }
  return files;
}

}  // namespace convscope

#include "convscope/data/locate.h"

#include <cstdlib>

#include "convscope/data/image_folder.h"

namespace convscope {

namespace {

constexpr const char* kDebian = "/usr/share/datasets";

Path from_environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? Path(value) : Path();
}

std::vector<Path> places(const DataSource& source, std::span<const Path> roots) {
  std::vector<Path> all;
  for (const Path& root : roots) {
    for (const Path& folder : source.folders()) all.push_back(root / folder);
    all.push_back(root);
  }
  return all;
}

}  // namespace

Path cache_folder() {
  const Path cache = from_environment("XDG_CACHE_HOME"), home = from_environment("HOME");
  if (cache.is_absolute()) return cache / "convscope";  // the XDG specification has relative ones ignored
  return home.empty() ? Path() : home / ".cache" / "convscope";
}

std::vector<Path> data_roots(const Path& given) {
  require(given.empty() || std::filesystem::is_directory(given), "{}: no such folder; data were to be looked for there first",
          given.string());
  std::vector<Path> roots;
  for (const Path& root : {given, from_environment("CONVSCOPE_DATA"), Path(kDebian), cache_folder()})
    if (!root.empty()) roots.push_back(root);
  return roots;
}

Path download_root(const Path& given) {
  for (const Path& root : {given, from_environment("CONVSCOPE_DATA"), cache_folder()})
    if (!root.empty()) return root;
  fail("no folder for data: neither $CONVSCOPE_DATA nor $HOME is set; say it with --data-root");
}

std::optional<Path> find_data(const DataSource& source, Split split, std::span<const Path> roots) {
  if (source.generated()) return Path();
  for (const Path& place : places(source, roots))
    if (source.missing(split, place).empty()) return place;
  return std::nullopt;
}

Path locate_data(const DataSource& source, Split split, std::span<const Path> roots) {
  if (const auto found = find_data(source, split, roots)) return *found;
  std::vector<std::string> looked;
  for (const Path& place : places(source, roots)) {
    const auto lacking = source.missing(split, place);
    const bool some = lacking.size() < source.files(split).size();  // an unfinished copy is what the user looks for
    looked.push_back(some ? fmt::format("{} (lacks {})", place.string(), fmt::join(lacking, ", ")) : place.string());
  }
  fail("{}: the {} files are not there; looked in {}. To get them: {}", source.name(), split_name(split), fmt::join(looked, ", "),
       source.how_to_get(roots.empty() ? Path("$CONVSCOPE_DATA") : roots.back()));
}

std::optional<Path> find_image_folder(std::string_view name, std::span<const Path> roots) {
  const bool path = name.find('/') != std::string_view::npos;
  if (!path && data_sources().has(name)) return std::nullopt;
  std::error_code ignored;
  if (std::filesystem::is_directory(name, ignored)) return Path(name);
  for (const Path& root : roots)
    if (std::filesystem::is_directory(root / name, ignored)) return root / name;
  return path ? std::optional<Path>(name) : std::nullopt;
}

std::shared_ptr<const Dataset> open_dataset(const Choice& choice, Split split, std::span<const Path> roots,
                                            const std::optional<Shape>& image) {
  if (const auto folder = find_image_folder(choice.name, roots))
    return open_image_folder(*folder, fields_from_json<ImageFolderOptions>(choice.options, choice.name), split, image);
  const std::unique_ptr<DataSource> source = data_sources().make(choice);
  return source->load(split, locate_data(*source, split, roots));
}

}  // namespace convscope

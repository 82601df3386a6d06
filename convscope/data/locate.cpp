#include "convscope/data/locate.h"

#include <cstdlib>

#include "convscope/base/join.h"
#include "convscope/data/sources/array.h"
#include "convscope/data/sources/folder.h"

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

/** A folder that is there: here, or in one of the roots. */
std::optional<Path> folder_called(std::string_view name, std::span<const Path> roots) {
  std::error_code ignored;
  if (std::filesystem::is_directory(name, ignored)) return Path(name);
  for (const Path& root : roots)
    if (std::filesystem::is_directory(root / name, ignored)) return root / name;
  return std::nullopt;
}

/** What stands before `,key=value`. */
std::string_view before_options(std::string_view text) {
  for (size_t comma = text.find(','); comma != std::string_view::npos; comma = text.find(',', comma + 1)) {
    const std::string_view rest = text.substr(comma + 1);
    const size_t end = rest.find_first_of("=,/");
    if (end != std::string_view::npos && end > 0 && rest[end] == '=') return text.substr(0, comma);
  }
  return text;
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
  fail("no folder for data: neither $CONVSCOPE_DATA nor $HOME is set; say it with `data_root`");
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
    looked.push_back(some ? fmt::format("{} (lacks {})", place.string(), join(lacking, ", ")) : place.string());
  }
  fail("{}: the {} files are not there; looked in {}. To get them: {}", source.name(), split_name(split), join(looked, ", "),
       source.how_to_get(roots.empty() ? Path("$CONVSCOPE_DATA") : roots.back()));
}

std::shared_ptr<const Dataset> open_dataset(const Choice& choice, Split split, std::span<const Path> roots,
                                            const std::optional<Shape>& image) {
  const std::unique_ptr<DataSource> source = data_sources().make(choice);
  if (image) source->bring_to(*image);
  return source->load(split, locate_data(*source, split, roots));
}

Choice data_choice(std::string_view text, std::span<const Path> roots) {
  const std::string_view first = text.substr(0, text.find(','));
  const std::string_view before = before_options(text);
  const bool path = before.find('/') != std::string_view::npos;
  if (!path && data_sources().has(first)) {
    Choice choice = parse_choice(text);
    if (const auto said = image_folder_of(choice); said && !said->empty())
      choice.options["path"] = folder_called(said->string(), roots).value_or(*said).string();
    return choice;
  }
  const auto folder = [](const Path& where, std::string_view options) {
    if (const auto array = array_folder(where)) {
      require(options.empty(), "{}: pictures in an array have no options; got '{}'", where.string(), options);
      return Choice{ArraySource::kName, {{"path", array->string()}}};
    }
    Choice choice = parse_choice(fmt::format("{}{}", FolderSource::kName, options));
    require(!choice.options.contains("path"), "{}: its path is said twice", where.string());
    choice.options["path"] = where.string();
    return choice;
  };
  for (size_t end = text.size(); end != std::string_view::npos && end > 0; end = text.rfind(',', end - 1))
    if (const auto where = folder_called(text.substr(0, end), roots)) return folder(*where, text.substr(end));
  if (path) return folder(before, text.substr(before.size()));
  return parse_choice(text);
}

std::string absolute_data(std::string_view text) {
  Choice choice = data_choice(text, {});
  const std::optional<Path> folder = image_folder_of(choice);
  std::error_code ignored;
  if (!folder || !std::filesystem::is_directory(*folder, ignored)) return std::string(text);
  const std::string path = std::filesystem::canonical(*folder).string();
  choice.options.erase("path");
  const std::string said = origin({path, choice.options});
  choice.options["path"] = path;
  // A path may look like options; in quotes it does not.
  const Choice back = data_choice(said, {});
  return back.name == choice.name && back.options == choice.options ? said : origin(choice);
}

std::optional<Path> image_folder_of(const Choice& choice) {
  if (choice.name != FolderSource::kName) return std::nullopt;
  const auto path = choice.options.find("path");
  if (path == choice.options.end()) return Path();
  return Path(path->is_string() ? path->get<std::string>() : path->dump());  // a folder may be called 2024
}

}  // namespace convscope

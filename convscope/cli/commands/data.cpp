#include "convscope/cli/commands/data.h"

#include "convscope/cli/output.h"
#include "convscope/data/locate.h"
#include "convscope/results/result.h"

namespace convscope {

namespace {

void list(std::span<const Path> roots, bool json) {
  Json found = Json::array();
  TextTable table({"name", "where", "what"});
  std::string missing;
  for (const auto& row : data_sources().rows()) {
    const auto source = row.make(Json::object());
    const auto place = find_data(*source, Split::train, roots);
    const bool whole = place && find_data(*source, Split::test, roots);
    const std::string how = source->how_to_get(roots.empty() ? Path("$CONVSCOPE_DATA") : roots.back());
    found.push_back(
        {{"name", row.name}, {"summary", row.summary}, {"found", whole}, {"folder", whole ? place->string() : ""}, {"how_to_get", how}});
    table.row({row.name, whole ? place->string() : "(not found)", row.summary});
    if (!whole) missing += fmt::format("\n{}:\n{}", row.name, wrapped(how, 2, 100));
  }
  if (json) return print_json({{"data", std::move(found)}});
  print(table.text() + (missing.empty() ? "" : "\nTo get what is not found:\n" + missing));
}

Json to_json(const std::string& name, const Path& folder, const DataFacts& facts) {
  Json splits = Json::array(), files = Json::array();
  for (const SplitFacts& s : facts.splits) splits.push_back(result_to_json(s));
  for (const FileFacts& f : facts.files) files.push_back(result_to_json(f));
  return {{"name", name},
          {"folder", folder.string()},
          {"splits", std::move(splits)},
          {"files", std::move(files)},
          {"warnings", facts.warnings}};
}

std::string numbers(const std::vector<double>& values) {
  std::vector<std::string> all;
  for (const double v : values) all.push_back(fmt::format("{:.4f}", v));
  return fmt::format("{}", fmt::join(all, " "));
}

std::string counts(const std::vector<int64_t>& each) {
  if (each.empty()) return "–";
  const auto [low, high] = std::minmax_element(each.begin(), each.end());
  if (*low == *high) return fmt::format("{} each", grouped(*low));
  constexpr size_t kFewClasses = 12;
  if (each.size() <= kFewClasses) return fmt::format("{}", fmt::join(each, " "));
  return fmt::format("{} to {}", grouped(*low), grouped(*high));
}

std::string shown(const std::string& name, const Path& folder, const DataFacts& facts) {
  TextTable table({"split", "images", "per class", "mean", "deviation"}, {1});
  for (const SplitFacts& s : facts.splits)
    table.row({s.split, grouped(s.images), counts(s.per_class), numbers(s.mean), numbers(s.deviation)});
  std::string text = fmt::format("{} in {}\n\n{}", name, folder.string(), table.text());
  for (const std::string& warning : facts.warnings) text += "\nwarning: " + warning + "\n";
  if (facts.warnings.empty()) text += "\nas published\n";
  return text;
}

/** One data set; its absence is an error. */
std::pair<Path, DataFacts> check_one(const DataSource& source, std::span<const Path> roots) {
  const Path folder = locate_data(source, Split::train, roots);
  return {folder, source.check(folder)};
}

void check(const std::vector<std::string>& wanted, std::span<const Path> roots, bool json) {
  Json all = Json::array();
  std::string text;
  for (const auto& row : data_sources().rows()) {
    const auto source = row.make(Json::object());
    if (wanted.empty() ? !find_data(*source, Split::train, roots) : row.name != wanted.front()) continue;
    const auto [folder, facts] = check_one(*source, roots);
    all.push_back(to_json(row.name, folder, facts));
    text += (text.empty() ? "" : "\n") + shown(row.name, folder, facts);
  }
  require(!all.empty(), "no data set is found; `convscope data list` says how to get them");
  if (json) return print_json({{"data", std::move(all)}});
  print(text);
}

}  // namespace

void DataCommand::declare(Flags& flags) {
  flags.argument("list|check", deed_, "list: what is known and where it is; check: reads it all and counts");
  flags.argument("NAME", name_, "for check: the data set; without it, all that are found", false);
}

std::vector<std::string> DataCommand::about() const {
  return {"Data are looked for in --data-root, then $CONVSCOPE_DATA, then where Debian's packages put them, then the user's cache folder."};
}

ExitStatus DataCommand::run(const Session& session) {
  const std::string& deed = deed_.front();
  const std::vector<Path> roots = data_roots(session.common.data_root);
  if (deed == "list") {
    if (!name_.empty()) throw UsageError(fmt::format("data list: '{}' is one word too many", name_.front()));
    list(roots, session.common.json);
  } else if (deed == "check") {
    if (!name_.empty()) data_sources().at(name_.front());
    check(name_, roots, session.common.json);
  } else {
    const std::vector<std::string> known{"list", "check"};
    throw UsageError(fmt::format("data: no '{}'{}", deed, known_names(deed, known)));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> DataCommand::json_keys() const {
  return {{"data", "", "list: `[{name, summary, found, folder, how_to_get}]`; check: `[{name, folder, splits, files, warnings}]`"}};
}

}  // namespace convscope

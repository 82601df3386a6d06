#include "convscope/models/architecture/architecture.h"

#include <algorithm>
#include <array>
#include <utility>

#include "convscope/base/one_line.h"

namespace convscope {

namespace {

constexpr uint64_t kMostBytes = 1 << 20;
constexpr int64_t kLargestSide = 1 << 16;
constexpr int64_t kMostClasses = 1'000'000;
constexpr size_t kMostNames = 1000, kMostOptions = 64, kLongestMessage = 800;

struct FileOption {
  Json value;
  std::string text;
};

FileOption file_option(const std::string& name, const Json& said, std::string_view whose) {
  FileOption o{said, ""};
  if (said.is_object()) {
    for (const auto& [key, value] : said.items())
      require(key == "value" || key == "text", "{}: options: '{}' has no '{}'; known: value, text", whose, name, key);
    require(said.contains("value"), "{}: options: '{}' has no value", whose, name);
    o.value = said["value"];
    if (said.contains("text")) {
      require(said["text"].is_string(), "{}: options: the text of '{}' is {}", whose, name, shown(said["text"]));
      o.text = said["text"].get<std::string>();
    }
  }
  require(o.value.is_number() || o.value.is_boolean() || o.value.is_string(),
          "{}: options: '{}' is {}; a number, true, false or text was wanted", whose, name, shown(o.value));
  return o;
}

void require_names(const Json& j, std::string_view what, std::string_view whose) {
  require(j.is_object() && j.size() <= kMostNames, "{}: field '{}' takes a JSON object of at most {} names, got {}", whose, what,
          kMostNames, shown(j));
}

constexpr std::string_view kOutput = "output";

}  // namespace

bool has_a_meaning(std::string_view name) {
  constexpr std::array<std::string_view, 6> kMeanings{kOutput, "classes", "index", "channels", "rows", "columns"};
  return std::find(kMeanings.begin(), kMeanings.end(), name) != kMeanings.end();
}

void Architecture::check(std::string_view whose) const {
  for (const int64_t side : image)
    require(side >= 1 && side <= kLargestSide, "{}: field 'image' has the extent {}; 1 to {} are possible", whose, side, kLargestSide);
  require(classes >= 1 && classes <= kMostClasses, "{}: field 'classes' is {}; 1 to {} are possible", whose, classes, kMostClasses);
  require_names(options, "options", whose);
  require_names(blocks, "blocks", whose);
  require_names(outputs, "outputs", whose);
  require(options.size() <= kMostOptions, "{}: {} options; at most {} are possible", whose, options.size(), kMostOptions);
  for (const auto& [name, said] : options.items()) {
    require(!has_a_meaning(name), "{}: options: '{}' has a meaning of its own; another name was wanted", whose, name);
    (void)file_option(name, said, whose);
  }
  for (const auto& [name, of] : outputs.items())
    require(of.is_string(), "{}: outputs: '{}' is {}; the name of an item was wanted", whose, name, shown(of));
  require(layers.is_array() && !layers.empty(), "{}: field 'layers' takes a list of items with at least one, got {}", whose, shown(layers));
}

Architecture parse_architecture(std::string_view text, std::string_view whose) {
  try {
    return fields_from_json<Architecture>(parse_json(text, whose), whose);
  } catch (const Error& e) {
    throw Error(one_line(e.what(), kLongestMessage));
  }
}

Architecture read_architecture(const Path& path) { return parse_architecture(read_file(path, kMostBytes), path.string()); }

std::vector<FieldHelp> options_of(const Architecture& a) {
  std::vector<FieldHelp> all;
  for (const auto& [name, said] : a.options.items()) {
    const FileOption o = file_option(name, said, "architecture");
    all.push_back({name, o.value, o.text});
  }
  if (a.outputs.size() > 1) {
    std::vector<std::string> names;
    for (const auto& [name, of] : a.outputs.items()) names.push_back(name);
    all.push_back({std::string(kOutput), names.front(), fmt::format("which answer is the network's: {}", join(names, ", "))});
  }
  return all;
}

Architecture with_options(Architecture a, const Json& options, std::string_view whose) {
  if (options.is_null()) return a;
  require(options.is_object(), "{}: options are {}; a JSON object was wanted", whose, shown(options));
  std::vector<std::string> known;
  for (const FieldHelp& o : options_of(a)) known.push_back(o.name);
  for (const auto& [name, value] : options.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      fail("{}: no option '{}'{}", whose, name, known.empty() ? "; it has none" : known_names(name, known));
    if (name == kOutput) {
      std::vector<std::string> outputs;
      for (const auto& [output, of] : a.outputs.items()) outputs.push_back(output);
      if (!value.is_string() || !a.outputs.contains(value.get<std::string>()))
        fail("{}: no output {}; known: {}", whose, shown(value), join(outputs, ", "));
      const Json before = std::exchange(a.outputs, json_object());  // the first one is the network's
      a.outputs[value.get<std::string>()] = before[value.get<std::string>()];
      a.outputs.update(before);
      continue;
    }
    Json& said = a.options[name];
    Json& before = said.is_object() ? said["value"] : said;
    const bool same_kind = before.is_number() ? value.is_number() : before.type() == value.type();
    require(same_kind, "{}: option '{}' takes {}, got {}", whose, name,
            before.is_number()    ? "a number"
            : before.is_boolean() ? "true or false"
                                  : "text",
            shown(value));
    before = value;
  }
  return a;
}

bool is_architecture_file(const Path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return ending == ".json";
}

}  // namespace convscope

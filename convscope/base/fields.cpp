#include "convscope/base/fields.h"

#include <algorithm>
#include <span>

namespace convscope {

namespace detail {

Json leaf(bool value) { return value; }
Json leaf(int64_t value) { return value; }
Json leaf(uint64_t value) { return value; }
Json leaf(double value) { return std::isfinite(value) ? Json(value) : Json(); }
Json leaf(const std::string& value) { return value; }
Json leaf(const Json& value) { return value; }

Json list_of(std::vector<Json> items) {
  Json list = json_list();
  list.get_ref<Json::array_t&>() = std::move(items);
  return list;
}

void StructWriter::write(std::string_view name, Json value) {
  if (!(may_be_unknown_[place_++] && value.is_null())) object_[std::string(name)] = std::move(value);
}

/** Also as people write it: on, off. */
bool leaf_in(const Json& j, bool& value) {
  if (j.is_boolean()) value = j.get<bool>();
  const bool word = j == "on" || j == "off";
  if (word) value = j == "on";
  return j.is_boolean() || word;
}

bool leaf_in(const Json& j, int64_t& value) {
  if (!j.is_number_integer() || (j.is_number_unsigned() && !std::in_range<int64_t>(j.get<uint64_t>()))) return false;
  value = j.get<int64_t>();
  return true;
}

bool leaf_in(const Json& j, uint64_t& value) {
  if (!j.is_number_integer() || (!j.is_number_unsigned() && j.get<int64_t>() < 0)) return false;
  value = j.get<uint64_t>();
  return true;
}

bool leaf_in(const Json& j, double& value) {
  if (j.is_number()) value = j.get<double>();
  return j.is_number();
}

bool leaf_in(const Json& j, std::string& value) {
  if (j.is_string()) value = j.get<std::string>();
  return j.is_string();
}

const std::vector<Json>* items_in(const Json& j) { return j.get_ptr<const Json::array_t*>(); }

const Json* member_in(const Json& object, std::string_view name) {
  const auto it = object.find(std::string(name));
  return it == object.end() ? nullptr : &*it;
}

std::string FieldPlace::text() const {
  if (!above) return {};
  const std::string before = above->text();
  if (name.empty()) return fmt::format("{}[{}]", before, item);
  return before.empty() ? std::string(name) : fmt::format("{}.{}", before, name);
}

void FieldReader::refuse(const Json& j, const std::string& wanted, const FieldPlace& place) const {
  require(place.above, "{}: {} was wanted, got {}", whose_, wanted, shown(j));
  fail("{}: {} '{}' takes {}, got {}", whose_, noun(), place.text(), wanted, shown(j));
}

void FieldReader::miss(const FieldPlace& place) const {
  require(reading_ == Reading::options, "{}: {} '{}' is not there", whose_, noun(), place.text());
}

void FieldReader::refuse_unknown(const Json& j, const std::vector<std::string>& known, const FieldPlace& place) const {
  for (const auto& item : j.items())
    require(std::find(known.begin(), known.end(), item.key()) != known.end(), "{}: no {} '{}'{}", whose_at(place), noun(), item.key(),
            known.empty() ? std::string("; it has none") : known_names(item.key(), known));
}

std::string FieldReader::whose_at(const FieldPlace& place) const {
  return place.above ? fmt::format("{}: {}", whose_, place.text()) : std::string(whose_);
}

}  // namespace detail

namespace {

constexpr char kQuote = '"', kEscape = '\\';

/** The parts between commas; in quotes, which open behind the first '=' of a part, a comma is a letter like others. */
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == kEscape) {
      ++i;
    } else if (text[i] == kQuote) {
      quoted = !quoted && i > begin && text.find('=', begin) == i - 1;
    } else if (text[i] == ',' && !quoted) {
      parts.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  require(!quoted, "'{}': a quote is opened and not closed", text);
  parts.push_back(text.substr(begin));
  return parts;
}

/** What stands between the quotes. */
std::string unquoted(std::string_view value, std::string_view whole) {
  std::string text;
  size_t at = 1;
  for (; value[at] != kQuote; ++at) {
    if (value[at] == kEscape && (value[at + 1] == kQuote || value[at + 1] == kEscape)) ++at;
    text += value[at];
  }
  require(at + 1 == value.size(), "'{}': a comma or nothing comes behind a closed quote, got '{}'", whole, value.substr(at + 1));
  return text;
}

Json value_of(std::string_view text) {
  Json j = Json::parse(text, nullptr, false);
  return j.is_number() || j.is_boolean() ? j : Json(text);
}

/** Text as a value that is read back as the same text. */
std::string written(const std::string& text) {
  if (text.find(',') == std::string::npos && !text.starts_with(kQuote) && value_of(text).is_string()) return text;
  std::string value(1, kQuote);
  for (const char c : text) {
    if (c == kQuote || c == kEscape) value += kEscape;
    value += c;
  }
  return value + kQuote;
}

}  // namespace

Choice parse_choice(std::string_view text) {
  Choice choice;
  const std::vector<std::string_view> parts = parts_of(text);
  choice.name = parts.front();
  for (const std::string_view part : std::span(parts).subspan(1)) {
    const size_t equals = part.find('=');
    require(equals != std::string_view::npos && equals > 0, "'{}': '{}' is not of the form option=value", text, part);
    const std::string option(part.substr(0, equals));
    require(!choice.options.contains(option), "'{}': '{}' is said twice", text, option);
    const std::string_view value = part.substr(equals + 1);
    choice.options[option] = value.starts_with(kQuote) ? Json(unquoted(value, text)) : value_of(value);
  }
  require(!choice.name.empty(), "'{}': no name before the first comma", text);
  return choice;
}

std::string origin(const Choice& choice) {
  std::string line = choice.name;
  for (const auto& [option, value] : choice.options.items())
    line += fmt::format(",{}={}", option, value.is_string() ? written(value.get<std::string>()) : value.dump());
  return line;
}

}  // namespace convscope

#include "convscope/base/json.h"

#include <algorithm>
#include <vector>

namespace convscope {

JsonExtent json_extent(std::string_view text) {
  JsonExtent extent;
  std::vector<size_t> keys;  // of each object that is open
  bool inside_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside_text) {
      if (c == '\\') ++i;
      if (c == '"') inside_text = false;
    } else if (c == '"') {
      inside_text = true;
    } else if (c == '[' || c == '{') {
      keys.push_back(0);
      extent.depth = std::max(extent.depth, static_cast<int>(keys.size()));
    } else if (!keys.empty() && (c == ']' || c == '}')) {
      keys.pop_back();
    } else if (!keys.empty() && c == ':') {
      extent.keys = std::max(extent.keys, ++keys.back());
    }
  }
  return extent;
}

namespace {

template <typename Value>
Value parsed(std::string_view text, std::string_view whose) {
  try {
    return Value::parse(text);
  } catch (const typename Value::parse_error& e) {
    fail("{}: not JSON from byte {} on", whose, e.byte);
  } catch (const typename Value::exception&) {
    fail("{}: its JSON holds a number that is too large", whose);
  }
}

void require_depth(const JsonExtent& extent, std::string_view whose, int max_depth) {
  require(extent.depth <= max_depth, "{}: lists and objects lie more than {} deep in its JSON", whose, max_depth);
}

}  // namespace

Json parse_json(std::string_view text, std::string_view whose, int max_depth) {
  const JsonExtent extent = json_extent(text);
  require_depth(extent, whose, max_depth);
  require(extent.keys <= kMostJsonKeys, "{}: an object of {} keys in its JSON; at most {} are read", whose, extent.keys, kMostJsonKeys);
  return parsed<Json>(text, whose);
}

nlohmann::json parse_sorted_json(std::string_view text, std::string_view whose, int max_depth) {
  require_depth(json_extent(text), whose, max_depth);
  return parsed<nlohmann::json>(text, whose);
}

std::string shown(const Json& value) {
  constexpr size_t kLongest = 120;
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= kLongest) return text;
  size_t end = kLongest;
  while ((text[end] & 0xC0) == 0x80) --end;  // not inside a letter of several bytes
  return text.substr(0, end) + "…";
}

Json json_object() { return Json::object(); }

Json json_list() { return Json::array(); }

}  // namespace convscope

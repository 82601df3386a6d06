#pragma once

#include <concepts>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "convscope/base/error.h"

namespace convscope {

/** Keys keep the order they were written in: a file reads as its author meant it. */
using Json = nlohmann::ordered_json;

/** What a text of JSON asks of its reader. The JSON library's own call-back could tell, in quadratic time. */
struct JsonExtent {
  int depth = 0;    // how deep lists and objects lie in each other
  size_t keys = 0;  // of the object that has most
};
JsonExtent json_extent(std::string_view text);

inline constexpr size_t kMostJsonKeys = 4096;

/**
 * JSON from outside; an error opens with `whose` and says where the text stops being JSON. Lists and objects may lie `max_depth` deep
 * and no deeper: what walks the values afterwards recurses, and a file of a million '[' must not be able to end the program. An object
 * whose keys keep their order is searched from its first key on, so it has at most `kMostJsonKeys`: a million would take hours.
 */
template <typename Value = Json>
Value parse_json(std::string_view text, std::string_view whose, int max_depth = 64) {
  const JsonExtent extent = json_extent(text);
  require(extent.depth <= max_depth, "{}: lists and objects lie more than {} deep in its JSON", whose, max_depth);
  if constexpr (std::same_as<Value, Json>)
    require(extent.keys <= kMostJsonKeys, "{}: an object of {} keys in its JSON; at most {} are read", whose, extent.keys, kMostJsonKeys);
  try {
    return Value::parse(text);
  } catch (const typename Value::parse_error& e) {
    fail("{}: not JSON from byte {} on", whose, e.byte);
  } catch (const typename Value::exception&) {
    fail("{}: its JSON holds a number that is too large", whose);
  }
}

/** A value as a message shows it: in one line, cut where it is long, bytes that are not UTF-8 replaced. */
inline std::string shown(const Json& value) {
  constexpr size_t kLongest = 120;
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= kLongest) return text;
  size_t end = kLongest;
  while ((text[end] & 0xC0) == 0x80) --end;  // not inside a letter of several bytes
  return text.substr(0, end) + "…";
}

}  // namespace convscope

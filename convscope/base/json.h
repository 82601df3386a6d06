#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "convscope/base/error.h"

namespace convscope {

/** Keys keep the order they were written in: a file reads as its author meant it. */
using Json = nlohmann::ordered_json;

/** How deep lists and objects lie in each other. The JSON library's own call-back could tell, in quadratic time. */
inline int json_depth(std::string_view text) {
  int depth = 0, deepest = 0;
  bool inside_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside_text) {
      if (c == '\\') ++i;
      if (c == '"') inside_text = false;
    } else if (c == '"') {
      inside_text = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

/**
 * JSON from outside; an error opens with `whose` and says where the text stops being JSON. Lists and objects may lie `max_depth` deep
 * and no deeper: what walks the values afterwards recurses, and a file of a million '[' must not be able to end the program.
 */
template <typename Value = Json>
Value parse_json(std::string_view text, std::string_view whose, int max_depth = 64) {
  require(json_depth(text) <= max_depth, "{}: lists and objects lie more than {} deep in its JSON", whose, max_depth);
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

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "convscope/base/error.h"

namespace convscope {

/** Keys keep the order they were written in: a file reads as its author meant it. */
using Json = nlohmann::ordered_json;

/** {} and []. The library's own are templates, which each source would instantiate. */
Json json_object();
Json json_list();

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
Json parse_json(std::string_view text, std::string_view whose, int max_depth = 64);
/** Likewise with sorted keys, of which there may be any number. */
nlohmann::json parse_sorted_json(std::string_view text, std::string_view whose, int max_depth = 64);

/** A value as a message shows it: in one line, cut where it is long, bytes that are not UTF-8 replaced. */
std::string shown(const Json& value);

}  // namespace convscope

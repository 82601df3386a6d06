#pragma once

/**
 * Options are told once. A struct lists its options in `fields`; defaults, help, flags, JSON and the reference page come from it.
 *
 *   struct Options {
 *     int64_t kernel = 3;
 *     void fields(auto&& field) { field("kernel", kernel, "rows and columns of the window"); }
 *   };
 *
 * A key that no field has is an error that names the known ones.
 */

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/json.h"
#include "convscope/base/nearest.h"

namespace convscope {

namespace detail {
struct AnyField {
  void operator()(std::string_view, auto&, std::string_view) const {}
};
}  // namespace detail

template <typename T>
concept HasFields = requires(T t) {
  t.fields(detail::AnyField{});
};

/** One option as shown to people. */
struct FieldHelp {
  std::string name;
  Json initial;  // its default
  std::string text;
};

template <HasFields T>
std::vector<FieldHelp> help() {
  std::vector<FieldHelp> all;
  T options;
  options.fields([&](std::string_view name, auto& value, std::string_view text) {
    all.push_back({std::string(name), Json(value), std::string(text)});
  });
  return all;
}

template <HasFields T>
Json to_json(T options) {
  Json j = Json::object();
  options.fields([&](std::string_view name, auto& value, std::string_view) { j[std::string(name)] = value; });
  return j;
}

/** `whose` opens the message when a key is unknown or a value is of the wrong kind. */
template <HasFields T>
T from_json(const Json& j, std::string_view whose, T options = {}) {
  require(j.is_object() || j.is_null(), "{}: options are a JSON object, got {}", whose, j.dump());
  std::vector<std::string> known;
  options.fields([&](std::string_view name, auto& value, std::string_view) {
    known.emplace_back(name);
    const auto it = j.find(known.back());
    if (it == j.end()) return;
    const Json initial = value;
    const bool same_kind = initial.type() == it->type() || (initial.is_number() && it->is_number());
    const bool whole = !initial.is_number_integer() || it->is_number_integer();
    require(same_kind && whole, "{}: option '{}' takes {}, got {}", whose, name, whole ? initial.type_name() : "a whole number",
            it->dump());
    it->get_to(value);
  });
  for (const auto& item : j.items()) {
    require(std::find(known.begin(), known.end(), item.key()) != known.end(), "{}: no option '{}'{}", whose, item.key(),
            known.empty() ? std::string("; it has none") : known_names(item.key(), known));
  }
  return options;
}

/** A member and its options as people write them: `resnet20,shortcut=identity`. Values take the kind of the defaults. */
struct Choice {
  std::string name;
  Json options = Json::object();
};

/** Splits `name,key=value,…`; values become JSON where they read as such (numbers, true, false), text otherwise. */
Choice parse_choice(std::string_view text);

}  // namespace convscope

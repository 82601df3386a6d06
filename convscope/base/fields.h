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
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/json.h"
#include "convscope/base/nearest.h"

namespace convscope {

namespace detail {
struct AnyField {
  void operator()(std::string_view, auto&, std::string_view) const {}
};

template <typename T>
inline constexpr bool kIsList = false;
template <typename T>
inline constexpr bool kIsList<std::vector<T>> = true;

/** What a field of type T takes, in words. */
template <typename T>
std::string wanted() {
  if constexpr (std::same_as<T, bool>) {
    return "true or false";
  } else if constexpr (std::integral<T>) {
    return std::unsigned_integral<T> ? "a whole number from 0 on" : "a whole number";
  } else if constexpr (std::floating_point<T>) {
    return "a number";
  } else if constexpr (kIsList<T>) {
    return "a list, each item " + wanted<typename T::value_type>();
  } else if constexpr (std::same_as<T, std::string>) {
    return "text";
  } else {
    return std::string("a JSON ") + Json(T{}).type_name();
  }
}

/** Whether `j` can become a T with nothing lost; the JSON library alone would wrap and cut numbers silently. */
template <typename T>
bool fits(const Json& j) {
  if constexpr (std::same_as<T, bool>) {
    return j.is_boolean();
  } else if constexpr (std::integral<T>) {
    return j.is_number_unsigned() ? std::in_range<T>(j.get<uint64_t>()) : j.is_number_integer() && std::in_range<T>(j.get<int64_t>());
  } else if constexpr (std::floating_point<T>) {
    return j.is_number();
  } else if constexpr (kIsList<T>) {
    return j.is_array() && std::all_of(j.begin(), j.end(), fits<typename T::value_type>);
  } else if constexpr (std::same_as<T, Json>) {
    return true;
  } else {
    return j.type() == Json(T{}).type();
  }
}
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
Json fields_to_json(T options) {
  Json j = Json::object();
  options.fields([&](std::string_view name, auto& value, std::string_view) { j[std::string(name)] = value; });
  return j;
}

/** `whose` opens the message when a key is unknown or a value is of the wrong kind. */
template <HasFields T>
T fields_from_json(const Json& j, std::string_view whose, T options = {}) {
  require(j.is_object() || j.is_null(), "{}: options are a JSON object, got {}", whose, shown(j));
  std::vector<std::string> known;
  options.fields([&](std::string_view name, auto& value, std::string_view) {
    known.emplace_back(name);
    const auto it = j.find(known.back());
    if (it == j.end()) return;
    using Value = std::remove_reference_t<decltype(value)>;
    require(detail::fits<Value>(*it), "{}: option '{}' takes {}, got {}", whose, name, detail::wanted<Value>(), shown(*it));
    try {
      it->get_to(value);
    } catch (const Json::exception&) {
      fail("{}: option '{}' takes {}, got {}", whose, name, detail::wanted<Value>(), shown(*it));
    }
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

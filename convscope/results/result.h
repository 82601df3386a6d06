#pragma once

/**
 * Results are plain structs whose `fields` name their JSON keys; help, files and the reference page come from it.
 * A number that may be unknown starts as NaN and is left out of the JSON while it is; any other number that is not finite is written
 * as null and read as NaN, so that a training that diverged can be told.
 */

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "convscope/base/fields.h"

namespace convscope {

/** What a number is before it is known. */
inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

template <HasFields T>
Json result_to_json(T result) {
  Json j = Json::object();
  const auto put = [&](std::string_view name, auto& value, std::string_view) {
    if constexpr (std::is_floating_point_v<std::remove_cvref_t<decltype(value)>>) {
      j[std::string(name)] = std::isfinite(value) ? Json(value) : Json();
    } else {
      j[std::string(name)] = value;
    }
  };
  result.fields(put);
  T initial;
  initial.fields([&](std::string_view name, auto& value, std::string_view) {
    if constexpr (std::is_floating_point_v<std::remove_cvref_t<decltype(value)>>) {
      if (std::isnan(value) && j[std::string(name)].is_null()) j.erase(std::string(name));
    }
  });
  return j;
}

/** `whose` opens the message. Keys that are not there keep their defaults; one that no field has is an error. */
template <HasFields T>
T result_from_json(const Json& j, std::string_view whose, T result = {}) {
  require(j.is_object(), "{}: a JSON object was wanted, got {}", whose, shown(j));
  std::vector<std::string> known;
  result.fields([&](std::string_view name, auto& value, std::string_view) {
    using Held = std::remove_cvref_t<decltype(value)>;
    known.emplace_back(name);
    const auto it = j.find(known.back());
    if (it == j.end()) return;
    if constexpr (std::is_floating_point_v<Held>) {
      if (it->is_null()) {
        value = std::numeric_limits<Held>::quiet_NaN();
        return;
      }
    }
    require(detail::fits<Held>(*it), "{}: '{}' is {}, got {}", whose, name, detail::wanted<Held>(), shown(*it));
    try {
      it->get_to(value);
    } catch (const Json::exception&) {  // a list of fixed length with too few or other items
      fail("{}: '{}' cannot be {}", whose, name, shown(*it));
    }
  });
  for (const auto& item : j.items()) {
    require(std::find(known.begin(), known.end(), item.key()) != known.end(), "{}: no number '{}' is known{}", whose, item.key(),
            known_names(item.key(), known));
  }
  return result;
}

}  // namespace convscope

#pragma once

/**
 * Options and results are told once. A struct lists its members in `fields`; defaults, help, flags, JSON and the reference page come from
 * it.
 *
 *   struct Options {
 *     int64_t kernel = 3;
 *     void fields(auto&& field) { field("kernel", kernel, "rows and columns of the window"); }
 *   };
 *
 * A field is a bool, a number, text, Json, a struct with fields, or a std::vector, std::array or std::optional of what a field can be.
 *
 *   in C++                        in JSON
 *   optional without a value      null
 *   a number that is not finite   null; left out where the field starts as NaN: a number that nobody knows yet
 *
 * A struct may have a law between its fields: `void check(std::string_view whose) const` throws where it is broken, and is asked whenever
 * the struct was read. A key that no field has is an error that names the known ones; each error says at which field it is:
 * "FILE: field 'signals[3].published.aliased' takes a number, got true".
 */

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
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
}  // namespace detail

template <typename T>
concept HasFields = requires(T t) {
  t.fields(detail::AnyField{});
};

/** How strict a reader of JSON is. */
enum class Reading {
  options,  // what people chose: whatever is not there keeps its default
  record,   // a result: likewise, but its structs and lists of structs must be there; null stands for a number that is not finite
};

/** One field as shown to people. */
struct FieldHelp {
  std::string name;  // of one within another: "maps[].image", "mean.published"
  Json initial;      // its default
  std::string text;
};

namespace detail {

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <typename T>
inline constexpr size_t kFixedLength = 0;
template <typename T, size_t N>
inline constexpr size_t kFixedLength<std::array<T, N>> = N;
template <typename T>
inline constexpr bool kIsArray = kFixedLength<T> != 0;
template <typename T>
concept IsList = kIsVector<T> || kIsArray<T>;

/** A struct with fields, or a list of such. */
template <typename T>
constexpr bool holds_fields() {
  if constexpr (IsList<T>) {
    return holds_fields<typename T::value_type>();
  } else {
    return HasFields<T>;
  }
}

/** What a field of type T takes, in words. */
template <typename T>
std::string wanted() {
  if constexpr (std::same_as<T, bool>) {
    return "true or false";
  } else if constexpr (std::integral<T>) {
    return std::unsigned_integral<T> ? "a whole number from 0 on" : "a whole number";
  } else if constexpr (std::floating_point<T>) {
    return "a number";
  } else if constexpr (kIsOptional<T>) {
    return wanted<typename T::value_type>() + " or null";
  } else if constexpr (kIsVector<T>) {
    return "a list, each item " + wanted<typename T::value_type>();
  } else if constexpr (IsList<T>) {
    return fmt::format("a list of {}, each {}", kFixedLength<T>, wanted<typename T::value_type>());
  } else if constexpr (HasFields<T>) {
    return "a JSON object";
  } else {
    static_assert(std::same_as<T, std::string>);
    return "text";
  }
}

// `fields` is there for readers and writers alike, so it is not const, and neither is what is written.
template <typename T>
Json value_to_json(T& value);

// What touches the JSON library is compiled once, in fields.cpp: its templates would else cost every source more than its own code.
Json leaf(bool value);
Json leaf(int64_t value);
Json leaf(uint64_t value);
Json leaf(double value);  // null where it is not finite
Json leaf(const std::string& value);
Json leaf(const Json& value);
Json list_of(std::vector<Json> items);

/** The object of a struct: told the defaults of all fields first, then their values. */
class StructWriter {
 public:
  void expect(bool may_be_unknown) { may_be_unknown_.push_back(may_be_unknown); }
  void write(std::string_view name, Json value);
  Json take() && { return std::move(object_); }

 private:
  std::vector<char> may_be_unknown_;
  Json object_ = json_object();
  size_t place_ = 0;
};

template <HasFields T>
Json struct_to_json(T& value) {
  StructWriter writer;
  T().fields([&](std::string_view, auto& initial, std::string_view) {
    if constexpr (std::floating_point<std::remove_cvref_t<decltype(initial)>>)
      writer.expect(std::isnan(initial));
    else
      writer.expect(false);
  });
  value.fields([&](std::string_view name, auto& field, std::string_view) { writer.write(name, value_to_json(field)); });
  return std::move(writer).take();
}

template <typename T>
Json value_to_json(T& value) {
  if constexpr (HasFields<T>) {
    return struct_to_json(value);
  } else if constexpr (kIsOptional<T>) {
    return value ? value_to_json(*value) : Json();
  } else if constexpr (IsList<T>) {
    std::vector<Json> items;
    for (auto& item : value) items.push_back(value_to_json(item));
    return list_of(std::move(items));
  } else if constexpr (std::same_as<T, bool> || std::same_as<T, std::string> || std::same_as<T, Json>) {
    return leaf(value);
  } else if constexpr (std::floating_point<T>) {
    return leaf(static_cast<double>(value));
  } else if constexpr (std::unsigned_integral<T>) {
    return leaf(static_cast<uint64_t>(value));
  } else {
    return leaf(static_cast<int64_t>(value));
  }
}

/** The value within, if it is one of that kind and nothing of it is lost; the JSON library alone would wrap and cut numbers silently. */
bool leaf_in(const Json& j, bool& value);
bool leaf_in(const Json& j, int64_t& value);
bool leaf_in(const Json& j, uint64_t& value);
bool leaf_in(const Json& j, double& value);
bool leaf_in(const Json& j, std::string& value);
/** Null where it is no list. */
const std::vector<Json>* items_in(const Json& j);
/** Null where the object has no such key. */
const Json* member_in(const Json& object, std::string_view name);

/** Where in what is read a reader stands; it becomes text when an error asks for it. */
struct FieldPlace {
  const FieldPlace* above = nullptr;
  std::string_view name = {};  // of a field
  size_t item = 0;             // of a list, where there is no name

  /** "signals[3].published"; empty at the top. */
  std::string text() const;
};

/** Reads JSON into fields, whatever the JSON is: a value that is no field's is an Error. */
class FieldReader {
 public:
  FieldReader(std::string_view whose, Reading reading) : whose_(whose), reading_(reading) {}

  template <HasFields T>
  void read(const Json& j, T& value, const FieldPlace& place) const {
    if (!j.is_object()) refuse(j, wanted<T>(), place);
    std::vector<std::string> known;
    value.fields([&](std::string_view name, auto& field, std::string_view) {
      known.emplace_back(name);
      const FieldPlace here{&place, name};
      if (const Json* member = member_in(j, name))
        read(*member, field, here);
      else if (holds_fields<std::remove_cvref_t<decltype(field)>>())
        miss(here);
    });
    refuse_unknown(j, known, place);
    if constexpr (requires { value.check(std::string_view()); }) value.check(whose_at(place));
  }

  template <typename T>
  void read(const Json& j, T& value, const FieldPlace& place) const {
    if constexpr (kIsOptional<T>) {
      value.reset();
      if (!j.is_null()) read(j, value.emplace(), place);
    } else if constexpr (IsList<T>) {
      read_list(j, value, place);
    } else if constexpr (std::same_as<T, Json>) {
      value = j;
    } else {
      if constexpr (std::floating_point<T>) {
        if (reading_ == Reading::record && j.is_null()) {
          value = std::numeric_limits<T>::quiet_NaN();
          return;
        }
      }
      if (!read_leaf(j, value)) refuse(j, wanted<T>(), place);
    }
  }

 private:
  template <typename T>
  void read_list(const Json& j, T& list, const FieldPlace& place) const {
    const std::vector<Json>* items = items_in(j);
    if (!items || (kIsArray<T> && items->size() != kFixedLength<T>)) refuse(j, wanted<T>(), place);
    if constexpr (kIsVector<T>) list.clear();
    // One by one: a long list of something else than is wanted is refused before it takes memory.
    for (size_t i = 0; i < items->size(); ++i) {
      if constexpr (kIsVector<T>)
        read((*items)[i], list.emplace_back(), {&place, {}, i});
      else
        read((*items)[i], list[i], {&place, {}, i});
    }
  }

  /** By way of the widest type of its kind. */
  template <typename T>
  static bool read_leaf(const Json& j, T& value) {
    if constexpr (std::same_as<T, bool> || std::same_as<T, std::string>) {
      return leaf_in(j, value);
    } else {
      using Widest = std::conditional_t<std::floating_point<T>, double, std::conditional_t<std::unsigned_integral<T>, uint64_t, int64_t>>;
      Widest wide{};
      if (!leaf_in(j, wide)) return false;
      if constexpr (std::integral<T>)
        if (!std::in_range<T>(wide)) return false;
      value = static_cast<T>(wide);
      return true;
    }
  }

  [[noreturn]] void refuse(const Json& j, const std::string& wanted, const FieldPlace& place) const;
  /** A struct or list of structs is not there. */
  void miss(const FieldPlace& place) const;
  void refuse_unknown(const Json& j, const std::vector<std::string>& known, const FieldPlace& place) const;
  std::string whose_at(const FieldPlace& place) const;
  /** What a field is called in messages. */
  std::string_view noun() const { return reading_ == Reading::options ? "option" : "field"; }

  std::string_view whose_;
  Reading reading_;
};

template <HasFields T>
void add_help(std::vector<FieldHelp>& all, const std::string& before);

/** The fields within a field of type T. */
template <typename T>
void add_inner_help(std::vector<FieldHelp>& all, const std::string& name) {
  if constexpr (HasFields<T>) {
    add_help<T>(all, name + ".");
  } else if constexpr (IsList<T>) {
    add_inner_help<typename T::value_type>(all, name + "[]");
  } else if constexpr (kIsOptional<T>) {
    add_inner_help<typename T::value_type>(all, name);
  }
}

template <HasFields T>
void add_help(std::vector<FieldHelp>& all, const std::string& before) {
  T initial;
  initial.fields([&](std::string_view name, auto& value, std::string_view text) {
    all.push_back({before + std::string(name), value_to_json(value), std::string(text)});
    add_inner_help<std::remove_cvref_t<decltype(value)>>(all, all.back().name);
  });
}

}  // namespace detail

/** All fields of T, those of the structs in it behind their own. */
template <HasFields T>
std::vector<FieldHelp> help() {
  std::vector<FieldHelp> all;
  detail::add_help<T>(all, "");
  return all;
}

template <HasFields T>
Json fields_to_json(T value) {
  return detail::struct_to_json(value);
}

/** `whose` opens the message when something is not as it must be. Nothing at all (null) stands for all defaults among options. */
template <HasFields T>
T fields_from_json(const Json& j, std::string_view whose, T value = {}, Reading reading = Reading::options) {
  const detail::FieldReader reader(whose, reading);
  reader.read(reading == Reading::options && j.is_null() ? json_object() : j, value, {});
  return value;
}

template <HasFields T>
T record_from_json(const Json& j, std::string_view whose) {
  return fields_from_json<T>(j, whose, {}, Reading::record);
}

/** A member and its options as people write them: `resnet20,shortcut=identity`. Values take the kind of the defaults. */
struct Choice {
  std::string name;
  Json options = json_object();
};

/**
 * Splits `name,key=value,…`; values become JSON where they read as such (numbers, true, false), text otherwise. A value in double quotes is
 * text whatever it holds, commas too; in it, `\"` is a quote and `\\` a backslash: `folder,path="data, 2024"`.
 */
Choice parse_choice(std::string_view text);

/** A member with its options in one line: `resnet20,shortcut=identity`. `parse_choice` reads it back. */
std::string origin(const Choice& choice);

}  // namespace convscope

#pragma once

/**
 * What a command takes, told once: parsing, help, the reference page and the refusal of unknown flags read it.
 * Goals: options structs with `fields` become flags as they are. Not a goal: sub-commands of sub-commands.
 */

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/fields.h"
#include "convscope/base/split.h"
#include "convscope/base/text.h"

namespace convscope {

/** Wrong use of the program, told apart from a failure by the exit status. */
class UsageError : public Error {
 public:
  using Error::Error;
};

/** A text from the command line as a field's value; a number may be written as a fraction or a share: 8/255, 95%. */
template <typename T>
std::optional<T> flag_value(std::string_view text) {
  if constexpr (std::same_as<T, double>) {
    const auto number = number_of(text);
    return number ? number : share_of(text);
  } else if constexpr (detail::kIsOptional<T>) {
    const auto value = flag_value<typename T::value_type>(text);
    return value ? std::optional<T>(value) : std::nullopt;
  } else if constexpr (std::same_as<T, std::vector<double>>) {
    T all;
    for (const std::string_view part : split(text, ',')) {
      const auto number = flag_value<double>(part);
      if (!number) return std::nullopt;
      all.push_back(*number);
    }
    return all;
  } else {
    return value_of<T>(text);
  }
}

/** What a field of type T takes on the command line, in words. */
template <typename T>
std::string flag_wanted() {
  if constexpr (std::same_as<T, std::vector<double>>)
    return "numbers such as 0.01 or 8/255, with commas between";
  else if constexpr (detail::kIsOptional<T>)
    return flag_wanted<typename T::value_type>();
  else
    return detail::wanted<T>();
}

struct Flag {
  std::string name;   // as typed, without dashes: "save-every"
  std::string field;  // "save_every"
  Json initial;
  std::string text;
  bool is_switch = false;
  std::string wanted;
  std::function<bool(std::string_view)> take;  // false: not a value of its kind
  std::function<Json()> value;
  bool given = false;
};

/** Words without dashes, in order. */
struct Argument {
  std::string name;  // as shown: "NET"
  std::string text;
  bool required = true;
  bool many = false;  // one or more; the last one alone
  std::vector<std::string>* target;
  std::vector<std::string> words = {};    // all that it may be; empty: anything
  std::vector<std::string> members = {};  // of a family, with options behind them, that it names; empty: of none
};

/** save_every → save-every */
std::string dashed(std::string field);

/** The flags that `Flags::fields` makes of a struct. */
template <HasFields T>
std::vector<std::string> flags_of() {
  std::vector<std::string> names;
  T().fields([&](std::string_view name, auto&, std::string_view) { names.push_back(dashed(std::string(name))); });
  return names;
}

class Flags {
 public:
  /** One flag for each field; those that are there already stay as they are. */
  template <HasFields T>
  void fields(T& options) {
    options.fields([&](std::string_view name, auto& target, std::string_view text) { value(name, target, text); });
  }

  template <typename T>
  void value(std::string_view field, T& target, std::string_view text) {
    const std::string name = dashed(std::string(field));
    if (find(name)) return;
    const auto take = [&target](std::string_view given) {
      const std::optional<T> read = flag_value<T>(given);
      if (read) target = *read;
      return read.has_value();
    };
    flags_.push_back({name, std::string(field), detail::value_to_json(target), std::string(text), std::same_as<T, bool>, flag_wanted<T>(),
                      take, [&target] { return detail::value_to_json(target); }});
  }

  void argument(std::string name, std::vector<std::string>& target, std::string text, bool required = true, bool many = false) {
    arguments_.push_back({std::move(name), std::move(text), required, many, &target});
  }
  /** One of a few words. */
  void choice(std::string name, std::vector<std::string>& target, std::string text, std::vector<std::string> words) {
    arguments_.push_back({std::move(name), std::move(text), true, false, &target, std::move(words)});
  }

  /** A member of a family, with its options. */
  void member(std::string name, std::vector<std::string>& target, std::string text, std::vector<std::string> members) {
    argument(std::move(name), target, std::move(text));
    arguments_.back().members = std::move(members);
  }

  const std::vector<Flag>& all() const { return flags_; }
  const std::vector<Argument>& arguments() const { return arguments_; }
  bool given(std::string_view name) const { return find(name) && find(name)->given; }

  /** Values of the flags that were given among the fields of T. */
  template <HasFields T>
  Json given_of() const {
    Json j = json_object();
    for (const FieldHelp& field : help<T>())
      for (const Flag& flag : flags_)
        if (flag.given && flag.field == field.name) j[flag.field] = flag.value();
    return j;
  }

  /** The library calls an option `save_every`, this program --save-every: a text of the library in this program's words. */
  std::string in_dashes(std::string_view text) const;

  /** Fills what was declared; throws UsageError. `command` opens the messages. */
  void parse(std::span<const std::string> words, std::string_view command);

 private:
  const Flag* find(std::string_view name) const {
    for (const Flag& flag : flags_)
      if (flag.name == name) return &flag;
    return nullptr;
  }

  std::vector<Flag> flags_;
  std::vector<Argument> arguments_;
};

}  // namespace convscope

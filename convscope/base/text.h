#pragma once

/** Numbers and lists as people write and read them. */

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace convscope {

/** A text as a T, all of it; nothing where it is not one. Of numbers the finite ones alone. */
template <typename T>
std::optional<T> value_of(std::string_view text) {
  if constexpr (std::same_as<T, std::string>) {
    return std::string(text);
  } else if constexpr (std::same_as<T, bool>) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
  } else {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if constexpr (std::floating_point<T>)
      if (!std::isfinite(value)) return std::nullopt;
    return value;
  }
}

/** "0.01" or "8/255". */
std::optional<double> number_of(std::string_view text);
/** "1%" or "0.01". */
std::optional<double> share_of(std::string_view text);

/** "0,1,7" or "0-15" of `count` things; an error, which `what` opens, where one is not there. */
std::vector<int64_t> parse_numbers(std::string_view text, int64_t count, std::string_view what);

/** The text itself where it is UTF-8; other bytes are read as Latin-1. */
std::string utf8_of(std::string_view bytes);

/** 269722 → "269 722". */
std::string grouped(int64_t number);
/** 1536 → "1.5 KiB". */
std::string bytes_text(int64_t bytes);
/** 3725 → "1 h 02 min". */
std::string duration_text(double seconds);
/** 0.9123 → "91.23 %". */
std::string percent(double share);

}  // namespace convscope

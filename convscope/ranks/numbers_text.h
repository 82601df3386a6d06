#pragma once

#include <cassert>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "convscope/ranks/ranks.h"

namespace convscope {

/** Numbers, or structs of numbers, as a text between ranks, and back. */
template <typename T>
std::string text_of(std::span<const T> values) {
  const std::span<const char> bytes = bytes_of(values);
  return {bytes.begin(), bytes.end()};
}
template <typename T>
std::vector<T> values_in(std::string_view text) {
  static_assert(std::is_trivially_copyable_v<T>);
  assert(text.size() % sizeof(T) == 0);
  std::vector<T> values(text.size() / sizeof(T));
  std::memcpy(values.data(), text.data(), text.size());
  return values;
}

}  // namespace convscope

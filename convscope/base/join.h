#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace convscope {

/** Things that can be formatted, with `between` between them; they become text when a message is made of them. */
template <typename Items>
struct Joined {
  const Items& items;
  std::string_view between;

  operator std::string() const { return fmt::format("{}", *this); }
};

/** join(names, ", ") is "a, b, c". The items must outlive what it returns. */
template <typename Items>
Joined<Items> join(const Items& items, std::string_view between) {
  return {items, between};
}

}  // namespace convscope

template <typename Items>
struct fmt::formatter<convscope::Joined<Items>> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  auto format(const convscope::Joined<Items>& list, format_context& context) const {
    auto out = context.out();
    bool first = true;
    for (const auto& item : list.items) {
      out = first ? fmt::format_to(out, "{}", item) : fmt::format_to(out, "{}{}", list.between, item);
      first = false;
    }
    return out;
  }
};

#include "convscope/base/natural_order.h"

#include <algorithm>

namespace convscope {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/** The number that the text begins with, without leading zeros, which is taken off it. */
std::string_view take_number(std::string_view& text) {
  const size_t end = static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

}  // namespace

bool naturally_before(std::string_view a, std::string_view b) {
  std::string_view x = a, y = b;
  while (!x.empty() && !y.empty()) {
    if (is_digit(x.front()) && is_digit(y.front())) {
      const std::string_view first = take_number(x), second = take_number(y);
      if (first.size() != second.size()) return first.size() < second.size();
      if (first != second) return first < second;
    } else {
      if (x.front() != y.front()) return static_cast<unsigned char>(x.front()) < static_cast<unsigned char>(y.front());
      x.remove_prefix(1);
      y.remove_prefix(1);
    }
  }
  return x.empty() == y.empty() ? a < b : x.empty();
}

}  // namespace convscope

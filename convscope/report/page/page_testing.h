#pragma once

#include <string>
#include <string_view>

namespace convscope {

/** A name as somebody might choose it to break the page: markup, quotes, a line separator, bytes that are no text. */
inline const std::string kHostile = "</script><b>\"'&<!--\u2028\xff\xfe\x01";

/** How often a text holds another. */
inline size_t count(std::string_view text, std::string_view what) {
  size_t times = 0;
  for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++times;
  return times;
}

}  // namespace convscope

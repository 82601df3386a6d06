#pragma once

#include <string_view>
#include <vector>

namespace convscope {

/** The parts between marks, empty ones too: "a,,b" has three; a text without the mark is its only part. */
inline std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0;;) {
    const size_t end = text.find(mark, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

}  // namespace convscope

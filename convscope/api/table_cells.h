#pragma once

/** Tables with commas that people hand in: a heading, then a line a row. Cells hold no commas. */

#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/base/split.h"

namespace convscope {

using Cells = std::vector<std::string_view>;

/** The file, without the mark of its byte order. */
inline std::string read_table(const Path& file) {
  constexpr uint64_t kMostBytes = uint64_t{1} << 28;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string text = read_file(file, kMostBytes);
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return text;
}

/** At least one. */
inline std::vector<std::string_view> lines_of(std::string_view text) { return split(text, '\n'); }

inline bool is_blank(std::string_view line) { return line.find_first_not_of(" \r") == std::string_view::npos; }

/** Without blanks and quotes around them. */
inline Cells cells_of(std::string_view line) {
  Cells cells = split(line, ',');
  for (std::string_view& cell : cells) {
    while (!cell.empty() && (cell.front() == ' ' || cell.front() == '"')) cell.remove_prefix(1);
    while (!cell.empty() && (cell.back() == ' ' || cell.back() == '"' || cell.back() == '\r')) cell.remove_suffix(1);
  }
  return cells;
}

}  // namespace convscope

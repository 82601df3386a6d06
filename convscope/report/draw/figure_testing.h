#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "convscope/report/draw/figure.h"

namespace convscope {

/** Whether every element that opens closes, in order, with nothing behind the root: what an XML reader checks first. */
inline bool well_formed(std::string_view xml) {
  std::vector<std::string> open;
  bool root_closed = false;
  for (size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at)) {
    const size_t end = xml.find('>', at);
    if (end == std::string_view::npos) return false;
    const std::string_view tag = xml.substr(at + 1, end - at - 1);
    at = end;
    if (tag.find('<') != std::string_view::npos || tag.empty()) return false;
    if (tag[0] == '?') continue;
    if (root_closed) return false;
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
      root_closed = open.empty();
    } else if (tag.back() != '/') {
      open.emplace_back(tag.substr(0, tag.find_first_of(" \n")));
    }
  }
  return root_closed;
}

/** The first two labels that stand upon each other, or one that leaves the figure; empty where all is well. */
inline std::string misplaced(const Figure& figure, bool overlaps_too = true) {
  const std::vector<Label> labels = figure.labels();
  const Box page{0, 0, figure.width(), figure.height()};
  for (size_t i = 0; i < labels.size(); ++i) {
    const Box& box = labels[i].box;
    if (!page.holds({box.x, box.y}) || !page.holds({box.right(), box.bottom()})) return labels[i].text + " leaves the figure";
    for (size_t k = 0; overlaps_too && k < i; ++k)
      if (box.meets(labels[k].box)) return labels[i].text + " stands on " + labels[k].text;
  }
  return "";
}

/** A figure that can be read: sound markup, and words that stand apart. */
inline void sound(const Figure& figure) {
  EXPECT_TRUE(well_formed(figure.svg()));
  EXPECT_EQ(misplaced(figure), "");
}

inline bool says(const Figure& figure, std::string_view words) {
  for (const Label& label : figure.labels())
    if (label.text.find(words) != std::string::npos) return true;
  return false;
}

}  // namespace convscope

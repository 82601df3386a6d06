#include "convscope/base/json.h"

#include <algorithm>
#include <vector>

namespace convscope {

JsonExtent json_extent(std::string_view text) {
  JsonExtent extent;
  std::vector<size_t> keys;  // of each object that is open
  bool inside_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside_text) {
      if (c == '\\') ++i;
      if (c == '"') inside_text = false;
    } else if (c == '"') {
      inside_text = true;
    } else if (c == '[' || c == '{') {
      keys.push_back(0);
      extent.depth = std::max(extent.depth, static_cast<int>(keys.size()));
    } else if (!keys.empty() && (c == ']' || c == '}')) {
      keys.pop_back();
    } else if (!keys.empty() && c == ':') {
      extent.keys = std::max(extent.keys, ++keys.back());
    }
  }
  return extent;
}

}  // namespace convscope

#include "convscope/data/dataset.h"

#include "convscope/base/nearest.h"

namespace convscope {

std::string_view split_name(Split split) { return split == Split::train ? "train" : "test"; }

Split parse_split(std::string_view text) {
  std::vector<std::string> known;
  for (const Split split : kSplits) {
    if (text == split_name(split)) return split;
    known.emplace_back(split_name(split));
  }
  fail("no split '{}'{}", text, known_names(text, known));
}

std::span<const uint8_t> Dataset::levels(int64_t) const { return {}; }

}  // namespace convscope

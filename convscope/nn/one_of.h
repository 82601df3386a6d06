#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/nearest.h"

namespace convscope {

/** An option that takes one of a few words; the message names them. */
inline void require_one_of(std::string_view whose, std::string_view option, const std::string& value,
                           const std::vector<std::string>& words) {
  for (const std::string& word : words)
    if (value == word) return;
  fail("{}: option '{}' cannot be '{}'{}", whose, option, value, known_names(value, words));
}

}  // namespace convscope

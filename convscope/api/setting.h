#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/data/locate.h"
#include "convscope/engine/program.h"
#include "convscope/ranks/ranks.h"

namespace convscope {

/** What all questions are asked with: how numbers are computed, where data lie, and whom to tell. Its defaults are the usual ones. */
struct Setting {
  Execution execution = {};  // precision and engine
  uint64_t seed = 1;
  bool force = false;  // results of more images may be replaced by those of fewer
  std::vector<Path> data_roots = convscope::data_roots();
  /** A line for people: what was read, left out or guessed. */
  std::function<void(std::string_view line)> say = {};
  std::function<void(int64_t done, int64_t total)> progress = {};
  /** True ends a long question where it can go on later. */
  std::function<bool()> stop = {};
  /** Who does the work together. All ranks ask the same questions in the same order; the root alone writes the answers. */
  std::shared_ptr<Ranks> ranks = alone();

  void tell(std::string_view line) const {
    if (say) say(line);
  }
};

/** Something was not said that cannot be guessed, or cannot be meant: told apart from a failure. */
class WrongUse : public Error {
 public:
  using Error::Error;
};

/** For a value that an option cannot have, whatever network and data are. */
template <typename... Args>
void require_use(bool ok, fmt::format_string<Args...> text, Args&&... args) {
  if (!ok) throw WrongUse(fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace convscope

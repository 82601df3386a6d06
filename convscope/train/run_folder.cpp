#include "convscope/train/run_folder.h"

#include "convscope/base/json_file.h"
#include "convscope/train/options.h"

namespace convscope {

Json options_in(const Path& file) {
  const Json j = read_json(file, 1 << 20);
  require(j.is_object() && j.contains("options") && j["options"].is_object(), "{}: no options in it; a run folder's {} was wanted",
          file.string(), kRunFile);
  fields_from_json<TrainOptions>(j["options"], file.string());
  return j["options"];
}

std::optional<std::string> changed_option(const Json& before, const Json& now) {
  for (const auto& [key, value] : now.items()) {
    const bool may_change = key == "save_every" || key == "preset" || !before.contains(key);
    if (!may_change && before[key] != value) return key;
  }
  return std::nullopt;
}

}  // namespace convscope

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "convscope/base/json.h"
#include "convscope/models/checkpoint.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** The training's options, as a run.json holds them. */
Json options_in(const Path& file);

/** The first option that would make a training that goes on another one than was begun. */
std::optional<std::string> changed_option(const Json& before, const Json& now);

}  // namespace convscope

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "convscope/base/json.h"
#include "convscope/models/checkpoint.h"

namespace convscope {

/** Names of files in a run folder, besides the networks. */
inline constexpr std::string_view kRunFile = "run.json";       // options as resolved, version, machine
inline constexpr std::string_view kMetrics = "metrics.jsonl";  // a line an epoch
inline constexpr std::string_view kFigures = "figures";        // folder
inline constexpr std::string_view kEvaluation = "evaluation.json";

/** The training's options, as a run.json holds them. */
Json options_in(const Path& file);

/** The first option that would make a training that goes on another one than was begun. */
std::optional<std::string> changed_option(const Json& before, const Json& now);

}  // namespace convscope

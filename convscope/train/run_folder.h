#pragma once

#include <string_view>

#include "convscope/models/checkpoint.h"

namespace convscope {

/** Names of files in a run folder, besides the networks. */
inline constexpr std::string_view kRunFile = "run.json";       // options as resolved, version, machine
inline constexpr std::string_view kMetrics = "metrics.jsonl";  // a line an epoch
inline constexpr std::string_view kFigures = "figures";        // folder
inline constexpr std::string_view kEvaluation = "evaluation.json";

}  // namespace convscope

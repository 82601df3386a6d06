#pragma once

/** What the looks inside share. */

#include <span>
#include <string>
#include <vector>

#include "convscope/api/inspect.h"

namespace convscope {

/** The `count` that was asked for, or what is usual. */
int64_t count_of(const InspectOptions& options, int64_t usual);

/** Of so many channels those that were asked for, or the first `usual` ones. */
std::vector<int64_t> chosen_channels(const InspectOptions& options, int64_t channels, int64_t usual);

/** Labels of pictures that must have some. */
std::vector<int64_t> known_labels(const Pictures& pictures, std::string_view kind);

/** The record's file in its folder, which is made. */
void write_record(const Path& folder, std::string_view kind, const Json& json);

}  // namespace convscope

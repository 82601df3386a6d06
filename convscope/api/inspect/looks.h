#pragma once

/** What the looks inside share. */

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "convscope/api/inspect.h"
#include "convscope/results/question.h"

namespace convscope {

/** The `count` that was asked for, or what is usual. */
int64_t count_of(const InspectOptions& options, int64_t usual);

/** Of so many channels those that were asked for, or the first `usual` ones. */
std::vector<int64_t> chosen_channels(const InspectOptions& options, int64_t channels, int64_t usual);

/** Labels of pictures that must have some. */
std::vector<int64_t> known_labels(const Pictures& pictures, std::string_view kind);

/**
 * Where the look's answer will lie; what an earlier one left there is removed when the record is written. An error where that one is of
 * more images. `what` is what was looked at: the node and what else makes it another question.
 */
Path place_of_look(const Path& results, std::string_view kind, QuestionName what, const Provenance& origin, const Setting& setting);
/** "neurons-relu6-channel-0+3-count-5". */
QuestionName name_of_look(std::string_view kind, const std::string& node, const InspectOptions& options);
/** ROW,COLUMN; nothing where it is not said. */
std::optional<std::pair<int64_t, int64_t>> position_of(const std::string& text);
/** Makes the folder; an earlier answer in it goes away. */
void clear_place(const Path& folder, std::string_view kind);

/** The record's file in its folder, which is made. */
void write_record(const Path& folder, std::string_view kind, const Json& json);

}  // namespace convscope

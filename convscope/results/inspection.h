#pragma once

#include <vector>

#include "convscope/base/file.h"
#include "convscope/base/json.h"

namespace convscope {

// What `inspect` leaves in a folder of results: a folder `inspect/KIND-…` for each look, with the record KIND.json and its pictures in it.
inline constexpr std::string_view kInspections = "inspect";

/** `inspect/neurons-relu6` of a folder of results; whatever is no part of a name becomes '-'. */
Path inspection_folder(const Path& results, std::string_view kind, std::string_view what);
/** Its record's file. */
Path inspection_file(const Path& folder, std::string_view kind);

/** All looks of a kind, in the order of their names. */
std::vector<Path> inspections(const Path& results, std::string_view kind);

/** A file that a record names lies beside it; an error where it leads elsewhere. Empty: there is none. */
void require_beside(const std::string& file, std::string_view whose);

/** Takes the list `key` out of an object; an error where it is none. */
Json taken_list(Json& from, const char* key, std::string_view whose);

/** A text as a cell of a .csv file. */
std::string csv_cell(std::string_view text);

}  // namespace convscope

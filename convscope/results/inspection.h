#pragma once

#include <vector>

#include "convscope/base/file.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** The record's file of a look. */
Path inspection_file(const Path& folder, std::string_view kind);

/** All looks of a kind, in the order of their names. */
std::vector<Path> inspections(const Path& results, std::string_view kind);

/** A file that a record names lies beside it; an error where it leads elsewhere. Empty: there is none. */
void require_beside(const std::string& file, std::string_view whose);

/** A text as a cell of a .csv file. */
std::string csv_cell(std::string_view text);

}  // namespace convscope

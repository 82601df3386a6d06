#pragma once

#include <span>
#include <string>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/**
 * Run folders as one HTML page.
 *
 * Goals: one file that opens offline and asks nobody for anything; readable without its script, on paper, on a telephone, in the dark;
 * the same results, the same bytes. Its data are one JSON block, apart from its markup.
 * Non-goals: numbers that are not in the folders' result files.
 */
struct ReportPage {
  std::string html;
  std::vector<std::string> sections;  // names of those that had something to show
};

/**
 * A folder without results of its own stands for the runs in it, as a training with several seeds makes them; where there are none, an
 * error names it. `place` is the folder that the page goes to, for links; empty: the first of them.
 */
ReportPage report_page(std::span<const Path> folders, const Path& place = {});

/** What one folder's report is, written into it. */
void write_report(const Path& folder);

}  // namespace convscope

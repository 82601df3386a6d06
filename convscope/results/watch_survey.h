#pragma once

#include <functional>
#include <vector>

#include "convscope/results/watch_record.h"

namespace convscope {

/** How large a method's numbers are over a whole recording. */
struct WatchScale {
  double limit = 0;   // nine of ten maps have no number farther from 0
  double beyond = 0;  // share of the maps that have
};

/** A recording seen once from end to end. */
struct WatchSurvey {
  std::vector<int64_t> updates;    // [F] of all frames
  std::vector<WatchScale> scales;  // [M]
};

/**
 * One scale for a whole film, so that its frames compare: nine of ten maps fit into it. The largest of all would be that of a single
 * moment, and leave the rest without colours.
 */
WatchSurvey survey(const Path& folder, const WatchRecord& record);

/** All frames one after the other, with few of them in memory. */
void for_each_frame(const Path& folder, const WatchRecord& record, const std::function<void(const WatchFrames&, int64_t f)>& see);

}  // namespace convscope

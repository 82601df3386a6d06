#pragma once

#include "convscope/base/file.h"
#include "convscope/report/draw/line_plot.h"
#include "convscope/results/corruptions_record.h"

namespace convscope {

/** A panel a kind: accuracy over severity, a line a corruption; 0 is the clean accuracy. All have the same axis of values. */
std::vector<PlotPanel> corruption_panels(const CorruptionsRecord& record);
/** Severities with 0. */
Axis severity_axis(const CorruptionsRecord& record);

Figure corruption_figure(const CorruptionsRecord& record);
/** `folder/corruptions.svg`, `.png`, and `.csv` with its numbers. */
void write_corruption_figure(const Path& folder, const CorruptionsRecord& record);

}  // namespace convscope

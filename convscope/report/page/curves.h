#pragma once

#include <span>

#include "convscope/base/json.h"
#include "convscope/report/draw/line_plot.h"
#include "convscope/report/page/html.h"

namespace convscope {

// A figure of curves whose values the page tells, by pointer and arrow keys: `tellCurves` of page_script.cpp, called by a section's script.

/** The figure, number so-and-so of those that the script finds by `[data-KIND]`. */
Html told_figure(std::string_view kind, size_t number, const Figure& figure);

/** Where the lines are in the figure. */
Json told_area(const Box& area);

/** `[{name, colour, values: [[place, value], …]}, …]`; values that are not finite are left out. */
Json told_lines(std::span<const PlotLine> lines);

}  // namespace convscope

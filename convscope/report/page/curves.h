#pragma once

#include <string>
#include <utility>
#include <vector>

#include "convscope/base/json.h"
#include "convscope/report/draw/line_plot.h"
#include "convscope/report/page/html.h"

namespace convscope {

/** How the page tells the values of curves, by pointer and arrow keys. */
struct CurveWords {
  std::string place;                                       // what the places along the axis are: "epoch"
  std::vector<std::pair<double, std::string>> names = {};  // of places that are more than numbers: "8/255"
};

inline constexpr double kTallPlot = 270, kLowPlot = 200;

/**
 * A panel alone, as wide as a page's column, whose values the page's script tells: it reads `plots` of that section's data, where they are
 * added. Values that are not finite are left out.
 */
Html told_plot(std::string_view section, PlotPanel panel, Axis along, double height, const CurveWords& words, Json& plots);

}  // namespace convscope

#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "convscope/report/draw/chart.h"

namespace convscope {

/** Numbers over two axes, as colours. One that is not finite is grey. */
struct HeatMap {
  std::string name = {};
  int64_t rows = 1, columns = 1;
  std::vector<double> values = {};              // [rows, columns], the first row at the top
  double low = 0, high = 1;                     // of the colours
  std::string low_label = {}, high_label = {};  // what these are called
  std::string down = {}, right = {};            // what the axes count, from −(rows − 1) / 2 · step on
  int64_t step = 1;
};

/** Maps side by side, each with a colour bar of its own below. */
Figure heat_maps(std::span<const HeatMap> maps, const FigureWords& words);

}  // namespace convscope

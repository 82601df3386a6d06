#include "convscope/report/evaluation/consistency_figure.h"

#include <algorithm>

#include "convscope/base/error.h"
#include "convscope/report/draw/heat_map.h"
#include "convscope/report/draw/line_plot.h"

namespace convscope {

Figure consistency_figure(const Consistency& c, std::string_view title) {
  const int64_t side = std::ssize(c.by_shift);
  HeatMap map{.name = "keep their class", .rows = side, .columns = side, .down = "pixels down", .right = "pixels right", .step = c.step};
  for (const std::vector<double>& row : c.by_shift) {
    require(std::ssize(row) == side, "shares by shift: a row of {} in a square of {}", row.size(), side);
    map.values.insert(map.values.end(), row.begin(), row.end());
  }
  require(!map.values.empty(), "no shifts to draw");
  map.low = *std::min_element(map.values.begin(), map.values.end());
  map.high = 1;
  map.low_label = percent_text(100 * map.low);
  map.high_label = "100 %";
  const std::string below = fmt::format("{} images; mean {}, at every shift {}, two crops {}", c.images, percent_text(100 * c.circular),
                                        percent_text(100 * c.worst), percent_text(100 * c.crop));
  return heat_maps(std::span(&map, 1), {.name = fmt::format("Consistency: {}", title), .title = std::string(title), .below = {below}});
}

void write_consistency_figure(const Path& folder, const Consistency& c, std::string_view title) {
  write_figure(folder, "consistency", consistency_figure(c, title));
  std::string csv = "down,right,same_class\n";
  const int64_t reach = std::ssize(c.by_shift) / 2;
  for (int64_t i = 0; i < std::ssize(c.by_shift); ++i)
    for (int64_t j = 0; j < std::ssize(c.by_shift[static_cast<size_t>(i)]); ++j)
      csv +=
          fmt::format("{},{},{}\n", (i - reach) * c.step, (j - reach) * c.step, c.by_shift[static_cast<size_t>(i)][static_cast<size_t>(j)]);
  write_file(folder / "consistency.csv", csv);
}

}  // namespace convscope

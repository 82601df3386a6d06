#include "convscope/results/antialiasing_record.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/join.h"

namespace convscope {

std::vector<std::string> relation_findings(const AntialiasingRecord& record) {
  std::vector<std::string> whats;
  for (const AntialiasingRow& row : record.rows)
    for (const ImageRelation& r : row.relations)
      if (std::find(whats.begin(), whats.end(), r.what) == whats.end()) whats.push_back(r.what);
  std::vector<std::string> all;
  for (const std::string& what : whats) {
    std::vector<std::string> more, less, none;
    for (const AntialiasingRow& row : record.rows)
      for (const ImageRelation& r : row.relations) {
        if (r.what != what) continue;
        const std::string text = std::isfinite(r.correlation) ? fmt::format("{} {:+.2f}", row.downsample, r.correlation)
                                                              : fmt::format("{} ({} of {} images)", row.downsample, r.cases, r.images);
        (!r.found() ? none : r.correlation > 0 ? more : less).push_back(text);
      }
    std::string line;
    if (!more.empty()) line += fmt::format("Images whose signals fold more are {} more often in {}", what, join(more, ", "));
    if (!less.empty())
      line += fmt::format("{}mages whose signals fold more are {} less often in {}", line.empty() ? "I" : "; i", what, join(less, ", "));
    if (!none.empty())
      line +=
          fmt::format("{}o relation between what folds and being {} can be told in {}", line.empty() ? "N" : "; n", what, join(none, ", "));
    all.push_back(line + ".");
  }
  int64_t intervals = 0;
  for (const AntialiasingRow& row : record.rows)
    intervals +=
        std::count_if(row.relations.begin(), row.relations.end(), [](const ImageRelation& r) { return std::isfinite(r.correlation); });
  constexpr int64_t kMany = 10;
  if (intervals >= kMany)
    all.push_back(fmt::format("These are {} intervals at 95 %: about {:.0f} of them would leave 0 out by chance alone.", intervals,
                              0.05 * static_cast<double>(intervals)));
  return all;
}

}  // namespace convscope

#include "convscope/base/nearest.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "convscope/base/join.h"

namespace convscope {

int edit_distance(std::string_view a, std::string_view b) {
  if (a.size() < b.size()) std::swap(a, b);  // three rows of the table are kept: a name from a damaged file may have a megabyte
  std::vector<int> two_up(b.size() + 1), up(b.size() + 1), row(b.size() + 1);
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        row[j] = static_cast<int>(i + j);
        continue;
      }
      row[j] = std::min({up[j] + 1, row[j - 1] + 1, up[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], two_up[j - 2] + 1);
    }
    std::swap(two_up, up);
    std::swap(up, row);
  }
  return up[b.size()];
}

std::string nearest(std::string_view given, std::span<const std::string> known) {
  std::string best;
  int distance = static_cast<int>(std::max<size_t>(2, given.size() / 3)) + 1;
  for (const std::string& name : known) {
    const size_t longer = std::max(given.size(), name.size()) - std::min(given.size(), name.size());
    if (longer >= static_cast<size_t>(distance)) continue;  // it takes as many insertions at least
    const int d = edit_distance(given, name);
    if (d < distance) {
      distance = d;
      best = name;
    }
  }
  return best;
}

std::string known_names(std::string_view given, std::span<const std::string> known) {
  const std::string meant = nearest(given, known);
  return fmt::format("{}; known: {}", meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant), join(known, ", "));
}

}  // namespace convscope

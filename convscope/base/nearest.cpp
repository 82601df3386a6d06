#include "convscope/base/nearest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace convscope {

int edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<int>(i + j);
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

std::string nearest(std::string_view given, std::span<const std::string> known) {
  std::string best;
  int distance = static_cast<int>(std::max<size_t>(2, given.size() / 3)) + 1;
  for (const std::string& name : known) {
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
  return fmt::format("{}; known: {}", meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant), fmt::join(known, ", "));
}

}  // namespace convscope

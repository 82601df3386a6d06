#include "convscope/data/corruptions/edges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace convscope {

namespace {

/** Sobel's slopes, across and down. */
std::array<Planes, 2> slopes(const Planes& x) {
  constexpr Tap kAcross[] = {{-1, -1, -1}, {-1, 1, 1}, {0, -1, -2}, {0, 1, 2}, {1, -1, -1}, {1, 1, 1}};
  constexpr Tap kDown[] = {{-1, -1, -1}, {-1, 0, -2}, {-1, 1, -1}, {1, -1, 1}, {1, 0, 2}, {1, 1, 1}};
  return {filtered(x, kAcross, Border::nearest), filtered(x, kDown, Border::nearest)};
}

}  // namespace

Planes canny(const Planes& levels, double low, double high) {
  const auto [across, down] = slopes(levels);
  Planes size(1, levels.rows, levels.columns);
  for (size_t k = 0; k < size.values.size(); ++k) size.values[k] = std::abs(across.values[k]) + std::abs(down.values[k]);
  const auto at = [&](int64_t i, int64_t j) { return i < 0 || j < 0 || i >= size.rows || j >= size.columns ? 0.0 : size.at(0, i, j); };
  constexpr double kTan22 = 13573.0 / 32768;  // of 22.5°, as OpenCV rounds it; that of 67.5° is 2 more
  Planes kept(1, levels.rows, levels.columns), edges = kept;
  std::vector<std::pair<int64_t, int64_t>> open;
  for (int64_t i = 0; i < size.rows; ++i)
    for (int64_t j = 0; j < size.columns; ++j) {
      const double m = at(i, j);
      if (m <= low) continue;
      const double dx = across.at(0, i, j), dy = down.at(0, i, j), x = std::abs(dx), y = std::abs(dy);
      bool crest = false;
      if (y < x * kTan22) {
        crest = m > at(i, j - 1) && m >= at(i, j + 1);
      } else if (y > x * (kTan22 + 2)) {
        crest = m > at(i - 1, j) && m >= at(i + 1, j);
      } else {
        const int64_t side = dx * dy < 0 ? -1 : 1;
        crest = m > at(i - 1, j - side) && m > at(i + 1, j + side);
      }
      if (!crest) continue;
      kept.at(0, i, j) = 1;
      if (m > high) {
        edges.at(0, i, j) = 1;
        open.emplace_back(i, j);
      }
    }
  while (!open.empty()) {
    const auto [i, j] = open.back();
    open.pop_back();
    for (int64_t a = std::max<int64_t>(0, i - 1); a <= std::min(i + 1, size.rows - 1); ++a)
      for (int64_t b = std::max<int64_t>(0, j - 1); b <= std::min(j + 1, size.columns - 1); ++b)
        if (kept.at(0, a, b) > 0 && edges.at(0, a, b) == 0) {
          edges.at(0, a, b) = 1;
          open.emplace_back(a, b);
        }
  }
  return edges;
}

Planes distance_to(const Planes& edges, double most) {
  constexpr double kFar = 1e6, kSide = 1, kCorner = 91750 / 65536.0, kKnight = 143976 / 65536.0;  // 1.4 and 2.1969 in 16 bits
  constexpr Tap kBefore[] = {{-2, -1, kKnight}, {-2, 1, kKnight}, {-1, -2, kKnight}, {-1, -1, kCorner},
                             {-1, 0, kSide},    {-1, 1, kCorner}, {-1, 2, kKnight},  {0, -1, kSide}};
  Planes far(1, edges.rows, edges.columns);
  for (size_t k = 0; k < far.values.size(); ++k) far.values[k] = edges.values[k] > 0 ? 0 : kFar;
  const auto pass = [&](int64_t i, int64_t j, int64_t sign) {
    double& v = far.at(0, i, j);
    for (const Tap& step : kBefore) {
      const int64_t a = i + sign * step.row, b = j + sign * step.column;
      if (a >= 0 && b >= 0 && a < far.rows && b < far.columns) v = std::min(v, far.at(0, a, b) + step.weight);
    }
  };
  for (int64_t i = 0; i < far.rows; ++i)
    for (int64_t j = 0; j < far.columns; ++j) pass(i, j, 1);
  for (int64_t i = far.rows - 1; i >= 0; --i)
    for (int64_t j = far.columns - 1; j >= 0; --j) pass(i, j, -1);
  for (double& v : far.values) v = std::min(v, most);
  return far;
}

Planes equalised(const Planes& levels) {
  std::array<double, 256> count{}, to{};
  for (const double v : levels.values) ++count[static_cast<size_t>(v)];
  const size_t first = static_cast<size_t>(std::ranges::find_if(count, [](double c) { return c > 0; }) - count.begin());
  const double others = static_cast<double>(levels.values.size()) - count[first];
  if (others == 0) return levels;
  double sum = 0;
  for (size_t level = first + 1; level < 256; ++level) to[level] = std::nearbyint((sum += count[level]) * 255 / others);
  Planes y = levels;
  for (double& v : y.values) v = to[static_cast<size_t>(v)];
  return y;
}

}  // namespace convscope

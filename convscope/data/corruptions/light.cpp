#include "convscope/data/corruptions/light.h"

#include <algorithm>
#include <numeric>

namespace convscope {

namespace {

/** `change` of hue, saturation and value; grey as the colour whose channels are equal. */
template <typename Change>
void change_hsv(Planes& x, const Change& change) {
  Planes colour(3, x.rows, x.columns);
  for (int64_t c = 0; c < 3; ++c) std::ranges::copy(x.plane(x.channels == 3 ? c : 0), colour.plane(c).begin());
  rgb_to_hsv(colour);
  change(colour);
  hsv_to_rgb(colour);
  if (x.channels == 3) {
    x = std::move(colour);
    return;
  }
  for (size_t i = 0; i < x.values.size(); ++i) x.values[i] = luma(colour.plane(0)[i], colour.plane(1)[i], colour.plane(2)[i]);
}

}  // namespace

void Brightness::apply(int64_t severity, Chance&, Planes& x) const {
  constexpr std::array<double, kSeverities> kMore = {0.05, 0.1, 0.15, 0.2, 0.3};
  change_hsv(x, [&](Planes& hsv) {
    for (double& v : hsv.plane(2)) v = std::clamp(v + at_severity(kMore, severity), 0.0, 1.0);
  });
}

void Contrast::apply(int64_t severity, Chance&, Planes& x) const {
  constexpr std::array<double, kSeverities> kLeft = {0.75, 0.5, 0.4, 0.3, 0.15};
  for (int64_t c = 0; c < x.channels; ++c) {
    const auto plane = x.plane(c);
    const double mean = std::accumulate(plane.begin(), plane.end(), 0.0) / static_cast<double>(plane.size());
    for (double& v : plane) v = (v - mean) * at_severity(kLeft, severity) + mean;
  }
}

void Saturate::apply(int64_t severity, Chance&, Planes& x) const {
  struct Line {
    double a, b;
  };
  constexpr std::array<Line, kSeverities> kLines = {{{0.3, 0}, {0.1, 0}, {1.5, 0}, {2, 0.1}, {2.5, 0.2}}};
  const auto [a, b] = at_severity(kLines, severity);
  change_hsv(x, [a = a, b = b](Planes& hsv) {
    for (double& s : hsv.plane(1)) s = std::clamp(s * a + b, 0.0, 1.0);
  });
}

}  // namespace convscope

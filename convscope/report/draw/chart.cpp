#include "convscope/report/draw/chart.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/error.h"

namespace convscope {

namespace {

constexpr TextStyle kChartTitle{.size = 15, .bold = true};

double logit(double p) { return std::log(p / (1 - p)); }

}  // namespace

TextStyle aligned(TextStyle style, Align align) {
  style.align = align;
  return style;
}

double heading_height(size_t lines_below) { return kFigureMargin + 18 + 17 * static_cast<double>(lines_below); }

double draw_heading(Canvas& canvas, std::string_view title, std::span<const std::string> below, double width) {
  const double room = width - 2 * kFigureMargin;
  double y = kFigureMargin + 8;
  canvas.text({kFigureMargin, y}, fitted(title, kChartTitle, room), kChartTitle);
  for (const std::string& line : below) canvas.text({kFigureMargin, y += 18}, fitted(line, kSubtitle, room), kSubtitle);
  return heading_height(below.size());
}

void draw_dashes(Canvas& canvas, std::span<const Point> points, Colour colour, double width, double on, double off) {
  double along = 0;  // of the pattern, since its last dash began
  for (size_t i = 1; i < points.size(); ++i) {
    const Point a = points[i - 1], b = points[i];
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    const auto at = [&](double t) { return Point{a.x + (b.x - a.x) * t / length, a.y + (b.y - a.y) * t / length}; };
    for (double t = 0; t < length;) {
      const bool drawn = along < on;
      const double step = std::min(length - t, (drawn ? on : on + off) - along);
      if (drawn) canvas.line(at(t), at(t + step), colour, width);
      t += step;
      along += step;
      if (along >= on + off - 1e-9) along = 0;
    }
  }
}

Colour words_on(Colour ground) { return brightness(mix(kPaper, ground, ground.alpha)) > 0.45 ? kDarkWords : kLightWords; }

LogitAxis::LogitAxis(double low, double high) : low_(low), high_(high) {
  require(low > 0 && low < high && high < 1, "no logit axis goes from {} to {}", low, high);
  for (const double p : {0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999})
    if (p >= low_ && p <= high_) ticks_.push_back({p, fmt::format("{}", p)});
}

double LogitAxis::at(double share) const { return (logit(std::clamp(share, low_, high_)) - logit(low_)) / (logit(high_) - logit(low_)); }

}  // namespace convscope

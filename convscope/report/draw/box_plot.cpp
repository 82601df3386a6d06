#include "convscope/report/draw/box_plot.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace convscope {

namespace {

constexpr double kBoxesWidth = 480, kBoxesPlotHeight = 260, kBoxWidth = 0.4;
constexpr double kPlaces[][2] = {{1, 1.6}, {2.4, 3.0}, {3.8, 4.4}, {5.2, 5.8}};  // as published
constexpr double kFirst = 0.6, kLast = 6.2;
constexpr double kLeastShare = 1e-4;  // a share of an axis

const TextStyle kBoxesTick{.size = 11, .colour = kMuted, .align = Align::right};
const TextStyle kBoxesName{.size = 11.5, .align = Align::centre};
const TextStyle kGroup{.size = 11, .align = Align::centre};

/** From a little below the least share to a little above the largest; at least 0.1 … 0.5, the published ticks. */
LogitAxis axis_of(std::span<const BoxPair> pairs) {
  double low = 0.1, high = 0.5;
  for (const BoxPair& pair : pairs)
    for (const std::optional<BoxOfValues>* box : {&pair.first, &pair.second}) {
      if (!*box) continue;
      low = std::min(low, (*box)->low), high = std::max(high, (*box)->high);
      for (const double v : (*box)->outliers) low = std::min(low, v), high = std::max(high, v);
    }
  return {std::max(kLeastShare, low / 1.25), 1 - std::max(kLeastShare, (1 - high) / 1.25)};
}

class BoxDrawing {
 public:
  BoxDrawing(const Box& plot, LogitAxis axis) : plot_(plot), axis_(std::move(axis)) {}

  double x(double place) const { return plot_.x + (place - kFirst) / (kLast - kFirst) * plot_.width; }
  double y(double share) const { return plot_.bottom() - axis_.at(share) * plot_.height; }

  void frame(Canvas& canvas) const {
    for (const auto& tick : axis_.ticks()) {
      canvas.line({plot_.x, y(tick.value)}, {plot_.right(), y(tick.value)}, kGrid);
      canvas.text({plot_.x - 8, y(tick.value) + 4}, tick.label, kBoxesTick);
    }
    canvas.line({plot_.x, plot_.bottom()}, {plot_.right(), plot_.bottom()}, kAxis);
    canvas.line({plot_.x, plot_.y}, {plot_.x, plot_.bottom()}, kAxis);
  }

  void box(Canvas& canvas, double place, const BoxOfValues& values, Colour colour) const {
    const double middle = x(place), half = (x(kFirst + kBoxWidth) - x(kFirst)) / 2;
    for (const auto& [from, to] : {std::pair{values.quartile_1, values.low}, std::pair{values.quartile_3, values.high}}) {
      canvas.line({middle, y(from)}, {middle, y(to)}, kMuted);
      canvas.line({middle - half / 2, y(to)}, {middle + half / 2, y(to)}, kMuted);
    }
    const Box body{middle - half, y(values.quartile_3), 2 * half, std::max(1.0, y(values.quartile_1) - y(values.quartile_3))};
    canvas.fill(body, colour);
    canvas.outline(body, kMuted);
    canvas.line({body.x, y(values.median)}, {body.right(), y(values.median)}, words_on(colour), 2);
    std::set<int64_t> seen;  // in quarters of a pixel: thousands of images would be the same dots
    for (const double v : values.outliers)
      if (seen.insert(std::llround(4 * y(v))).second) canvas.dot({middle, y(v)}, 1.4, sheer(kMuted, 0.7), sheer(kMuted, 0), 0.1);
  }

 private:
  Box plot_;
  LogitAxis axis_;
};

}  // namespace

Figure box_pairs(std::span<const BoxPair> pairs, const BoxGroups& groups, const FigureWords& words) {
  const bool some = std::any_of(pairs.begin(), pairs.end(), [](const BoxPair& pair) { return pair.first || pair.second; });
  require(some && pairs.size() <= std::size(kPlaces), "a box plot of {} pairs, none of which may be empty", pairs.size());
  const double top = heading_height(1) + 30, height = top + kBoxesPlotHeight + 62;
  const auto draw = [pairs = std::vector<BoxPair>(pairs.begin(), pairs.end()), groups, words, top](Canvas& canvas) {
    draw_heading(canvas, words.title, words.below, kBoxesWidth);
    const Box plot{kFigureMargin + 36, top, kBoxesWidth - 2 * kFigureMargin - 36, kBoxesPlotHeight};
    const BoxDrawing drawing(plot, axis_of(pairs));
    drawing.frame(canvas);
    for (size_t k = 0; k < pairs.size(); ++k) {
      const BoxPair& pair = pairs[k];
      canvas.text({drawing.x((kPlaces[k][0] + kPlaces[k][1]) / 2), plot.y - 10}, pair.name, kBoxesName);
      for (const size_t group : {size_t{0}, size_t{1}}) {
        const std::optional<BoxOfValues>& values = group == 0 ? pair.first : pair.second;
        canvas.text({drawing.x(kPlaces[k][group]), plot.bottom() + 18}, group == 0 ? groups.first : groups.second, kGroup);
        if (!values) continue;
        const Colour shade = group == 0 ? mix(pair.colour, colour(0xffffff), 0.5) : pair.colour;
        drawing.box(canvas, kPlaces[k][group], *values, shade);
      }
    }
    TextStyle legend{.size = 11, .colour = kMuted, .align = Align::centre};
    canvas.text({plot.x + plot.width / 2, plot.bottom() + 42}, groups.about, legend);
  };
  return Figure(kBoxesWidth, height, words.name, draw);
}

}  // namespace convscope

#include "convscope/report/draw/share_bars.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/report/draw/axis.h"

namespace convscope {

namespace {

constexpr double kBarsWidth = 480, kBarsBar = 22, kStep = 30, kColumnHeight = 150;

const TextStyle kBarsName{.size = 12, .align = Align::right};
const TextStyle kInside{.size = 10.5, .align = Align::centre};
const TextStyle kBarsLegend{.size = 11};
const TextStyle kBarsTick{.size = 11, .colour = kMuted, .align = Align::right};

/** Squares with the parts' names, in one line. */
void draw_parts(Canvas& canvas, const std::vector<Part>& parts, Point at) {
  for (const Part& part : parts) {
    canvas.fill({at.x, at.y - 9, 10, 10}, part.colour);
    canvas.text({at.x + 15, at.y}, part.name, kBarsLegend);
    at.x += 15 + text_width(part.name, kBarsLegend) + 16;
  }
}

}  // namespace

Figure row_bars(const Division& division, const FigureWords& words) {
  require(!division.wholes.empty(), "bars of nothing");
  const double top = heading_height(1) + 12, foot = top + kStep * static_cast<double>(division.wholes.size() + 1);
  const auto draw = [division, words, top, foot](Canvas& canvas) {
    draw_heading(canvas, words.title, words.below, kBarsWidth);
    std::vector<Whole> rows = division.wholes;
    rows.push_back({"mean", division.mean});
    constexpr double kMostForNames = 150;
    double names = 0;
    for (const Whole& row : rows) names = std::max(names, std::min(kMostForNames, text_width(row.label, kBarsName)));
    const Box room{kFigureMargin + names + 10, top, kBarsWidth - 2 * kFigureMargin - names - 10, 0};
    double y = top;
    for (const Whole& row : rows) {
      canvas.text({room.x - 10, y + 15}, fitted(row.label, kBarsName, kMostForNames), kBarsName);
      double x = room.x;
      for (size_t k = 0; k < division.parts.size(); ++k) {
        const double share = row.shares[k], part = share * room.width;
        canvas.fill({x, y, part, kBarsBar}, division.parts[k].colour);
        const std::string percent = fmt::format("{:.0f}", 100 * share);
        TextStyle style = kInside;
        style.colour = words_on(division.parts[k].colour);
        if (part > text_width(percent, style) + 6) canvas.text({x + part / 2, y + 15}, percent, style);
        x += part;
      }
      canvas.outline({room.x, y, room.width, kBarsBar}, kAxis);
      y += kStep;
    }
    draw_parts(canvas, division.parts, {kFigureMargin, foot + 16});
  };
  return Figure(kBarsWidth, foot + 36, words.name, draw);
}

Figure column_bars(const Division& division, const FigureWords& words) {
  require(!division.wholes.empty(), "bars of nothing");
  const double top = heading_height(1) + 12, bottom = top + kColumnHeight;
  const auto draw = [division, words, top, bottom](Canvas& canvas) {
    draw_heading(canvas, words.title, words.below, kBarsWidth);
    const std::vector<Whole>& all = division.wholes;
    const Box room{kFigureMargin + 40, top, kBarsWidth - 2 * kFigureMargin - 40, kColumnHeight};
    const double column = room.width / static_cast<double>(all.size());
    for (const int percent : {0, 50, 100}) {
      const double y = room.bottom() - room.height * percent / 100;
      canvas.text({room.x - 8, y + 4}, fmt::format("{} %", percent), kBarsTick);
      canvas.line({room.x - 4, y}, {room.x, y}, kAxis);
    }
    // All columns of one part are one path of the SVG.
    std::vector<double> height(all.size(), room.bottom());
    for (size_t k = 0; k < division.parts.size(); ++k) {
      for (size_t i = 0; i < all.size(); ++i) {
        const double part = all[i].shares[k] * room.height;
        height[i] -= part;
        canvas.fill({room.x + static_cast<double>(i) * column, height[i], column, part}, division.parts[k].colour);
      }
    }
    canvas.outline(room, kAxis);
    const Axis numbers = Axis::counting(0, std::ssize(all) - 1, 8);
    TextStyle tick = kBarsTick;
    tick.align = Align::centre;
    for (const auto& t : numbers.ticks()) canvas.text({room.x + (t.value + 0.5) * column, bottom + 16}, t.label, tick);
    draw_parts(canvas, division.parts, {kFigureMargin, bottom + 42});
  };
  return Figure(kBarsWidth, bottom + 62, words.name, draw);
}

}  // namespace convscope

#include "convscope/report/draw/share_bars.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/report/aliasing/aliasing_category.h"
#include "convscope/report/draw/chart.h"

namespace convscope {

namespace {

constexpr double kWidth = 480, kBar = 22, kStep = 30, kColumnHeight = 150;

const TextStyle kName{.size = 12, .align = Align::right};
const TextStyle kInside{.size = 10.5, .align = Align::centre};
const TextStyle kLegend{.size = 11};
const TextStyle kTick{.size = 11, .colour = kMuted, .align = Align::right};

/** Squares with the categories' names, in one line. */
void draw_legend(Canvas& canvas, Point at) {
  for (const AliasingCategory& c : kAliasingCategories) {
    canvas.fill({at.x, at.y - 9, 10, 10}, c.colour);
    canvas.text({at.x + 15, at.y}, c.name, kLegend);
    at.x += 15 + text_width(c.name, kLegend) + 16;
  }
}

}  // namespace

Figure layer_bars(std::span<const LayerShares> layers, std::string_view title, std::string_view subtitle) {
  require(!layers.empty(), "bars of no layers");
  const double top = heading_height(1) + 12, foot = top + kStep * static_cast<double>(layers.size() + 1);
  const auto draw = [all = std::vector<LayerShares>(layers.begin(), layers.end()), title = std::string(title),
                     below = std::string(subtitle), top, foot](Canvas& canvas) {
    draw_heading(canvas, title, std::span(&below, 1), kWidth);
    std::vector<LayerShares> rows = all;
    rows.push_back({"mean", mean_of(all)});
    constexpr double kMostForNames = 150;
    double names = 0;
    for (const LayerShares& row : rows) names = std::max(names, std::min(kMostForNames, text_width(row.label, kName)));
    const Box room{kFigureMargin + names + 10, top, kWidth - 2 * kFigureMargin - names - 10, 0};
    double y = top;
    for (const LayerShares& row : rows) {
      canvas.text({room.x - 10, y + 15}, fitted(row.label, kName, kMostForNames), kName);
      double x = room.x;
      for (const AliasingCategory& c : kAliasingCategories) {
        const double share = row.shares.*c.share, part = share * room.width;
        canvas.fill({x, y, part, kBar}, c.colour);
        const std::string percent = fmt::format("{:.0f}", 100 * share);
        TextStyle style = kInside;
        style.colour = words_on(c.colour);
        if (part > text_width(percent, style) + 6) canvas.text({x + part / 2, y + 15}, percent, style);
        x += part;
      }
      canvas.outline({room.x, y, room.width, kBar}, kAxis);
      y += kStep;
    }
    draw_legend(canvas, {kFigureMargin, foot + 16});
  };
  return Figure(kWidth, foot + 36, fmt::format("Shares of frequencies, layer by layer: {}", title), draw);
}

Figure channel_bars(std::span<const AliasingShares> channels, std::string_view title, std::string_view subtitle) {
  require(!channels.empty(), "bars of no channels");
  const double top = heading_height(1) + 12, bottom = top + kColumnHeight;
  const auto draw = [all = std::vector<AliasingShares>(channels.begin(), channels.end()), title = std::string(title),
                     below = std::string(subtitle), top, bottom](Canvas& canvas) {
    draw_heading(canvas, title, std::span(&below, 1), kWidth);
    const Box room{kFigureMargin + 40, top, kWidth - 2 * kFigureMargin - 40, kColumnHeight};
    const double column = room.width / static_cast<double>(all.size());
    for (const int percent : {0, 50, 100}) {
      const double y = room.bottom() - room.height * percent / 100;
      canvas.text({room.x - 8, y + 4}, fmt::format("{} %", percent), kTick);
      canvas.line({room.x - 4, y}, {room.x, y}, kAxis);
    }
    // All columns of one category are one path of the SVG.
    std::vector<double> height(all.size(), room.bottom());
    for (const AliasingCategory& c : kAliasingCategories) {
      for (size_t i = 0; i < all.size(); ++i) {
        const double part = all[i].*c.share * room.height;
        height[i] -= part;
        canvas.fill({room.x + static_cast<double>(i) * column, height[i], column, part}, c.colour);
      }
    }
    canvas.outline(room, kAxis);
    const Axis numbers = Axis::counting(0, std::ssize(all) - 1, 8);
    TextStyle tick = kTick;
    tick.align = Align::centre;
    for (const auto& t : numbers.ticks()) canvas.text({room.x + (t.value + 0.5) * column, bottom + 16}, t.label, tick);
    draw_legend(canvas, {kFigureMargin, bottom + 42});
  };
  return Figure(kWidth, bottom + 62, fmt::format("Shares of frequencies, channel by channel: {}", title), draw);
}

}  // namespace convscope

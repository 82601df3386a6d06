#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/report/draw/axis.h"
#include "convscope/report/draw/figure.h"

namespace convscope {

// Pieces that several figures share.

inline constexpr double kFigureMargin = 24;
inline constexpr TextStyle kFigureTitle{.size = 17, .bold = true};
inline constexpr TextStyle kSheetTitle{.size = 16, .bold = true};  // of figures that are made of pictures
inline constexpr TextStyle kSubtitle{.size = 12, .colour = kMuted};

TextStyle aligned(TextStyle style, Align align);

/** What a figure says of itself. */
struct FigureWords {
  std::string name;  // for those who do not see it
  std::string title;
  std::vector<std::string> below;  // up to two lines
};

/** Title and up to two lines below it, cut where the figure ends; gives the height at which what follows may begin. */
double draw_heading(Canvas& canvas, std::string_view title, std::span<const std::string> below, double width);
double heading_height(size_t lines_below);

/** Pieces of a joined line, `on` pixels long with `off` between them. */
void draw_dashes(Canvas& canvas, std::span<const Point> points, Colour colour, double width, double on, double off);

/** A hue that the page's dark theme must not change: black and white are those of figures otherwise. */
inline constexpr Colour kDarkWords = colour(0x0c0e10);
inline constexpr Colour kLightWords = colour(0xfcfcfc);
/** Words that can be read on this colour. */
Colour words_on(Colour ground);

/**
 * log(p / (1 − p)), which shows what lies near 0 and near 1 alike; outside of low … high a share stands at the rim.
 *
 *   ticks  0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, those that lie within
 */
class LogitAxis {
 public:
  LogitAxis(double low, double high);
  /** 0 at the low end, 1 at the high one. */
  double at(double share) const;
  const std::vector<Axis::Tick>& ticks() const { return ticks_; }

 private:
  double low_, high_;
  std::vector<Axis::Tick> ticks_;
};

}  // namespace convscope

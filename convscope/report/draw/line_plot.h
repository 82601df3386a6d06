#pragma once

#include <optional>
#include <string>
#include <vector>

#include "convscope/report/draw/axis.h"
#include "convscope/report/draw/figure.h"

namespace convscope {

struct PlotValue {
  double x;
  double y;  // one that is not finite breaks the line
};

/** One line with its words. */
struct PlotLine {
  std::string name;
  Colour colour;
  double width;
  std::vector<PlotValue> values;
  std::string end_label = {};  // stands beside the plot, at its last value
  bool named = true;           // by its end label; else a legend does it
  bool told = true;            // whether a page tells its values

  /** The last finite value; null where there is none. */
  const PlotValue* last() const;
};

/** A ring on a line, and what it says. */
struct PlotMark {
  PlotValue at;
  std::string label;
  Colour colour;
};

/** Lines over one axis of values. */
struct PlotPanel {
  std::string heading;
  std::vector<PlotLine> lines;  // the later is drawn above
  Axis values;
  std::optional<PlotMark> mark = {};
  std::string along = "epoch";  // what the other axis counts
};

/** Of losses; `automatic` is logarithmic where they span more than two decades. */
enum class LossScale { automatic, linear, logarithmic };

// Panels with an axis that suits what the lines hold; an end label is the line's name and its last value.
PlotPanel loss_panel(std::string heading, std::vector<PlotLine> lines, LossScale scale = LossScale::automatic);
/** Values are percentages, 0 … 100. */
PlotPanel percent_panel(std::string heading, std::vector<PlotLine> lines);
/** From zero on. */
PlotPanel amount_panel(std::string heading, std::vector<PlotLine> lines);

/** Three digits that count. */
std::string three_digits(double v);
/** 91.234 → "91.23 %". */
std::string percent_text(double v);

/** A panel with its place in a figure; `room` holds the plot and what stands beside it, the heading is above. */
class Plot {
 public:
  Plot(PlotPanel panel, Axis epochs, const Box& room);
  void draw(Canvas& canvas) const;

  /** Where the lines are, without labels. */
  const Box& area() const { return plot_; }
  const PlotPanel& panel() const { return panel_; }
  const Axis& epochs() const { return epochs_; }

  static constexpr double kBelow = 52;  // tick labels and what they count

 private:
  Point place(const PlotValue& v) const;
  std::vector<std::vector<Point>> pieces(const PlotLine& line) const;
  void draw_axes(Canvas& canvas) const;
  void draw_line(Canvas& canvas, const PlotLine& line) const;
  void tie(Canvas& canvas, Point end, Point label, Colour colour) const;
  void draw_ends(Canvas& canvas) const;
  double crowding(const Box& box) const;
  void draw_mark(Canvas& canvas, const PlotMark& mark) const;

  PlotPanel panel_;
  Axis epochs_;
  Box plot_;
  double heading_x_;
};

}  // namespace convscope

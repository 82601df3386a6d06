#pragma once

/**
 * Goals: one drawing code for SVG and PNG; letters stand at the same place and have the same shape in both; equal figures are equal bytes.
 * Non-goals: interaction, styling from outside.
 */

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/report/colour.h"
#include "convscope/tensor/image.h"

struct _cairo;

namespace convscope {

/** Lengths are CSS pixels (1/96 inch), from the top left corner. */
struct Point {
  double x = 0;
  double y = 0;
};

struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;

  double right() const { return x + width; }
  double bottom() const { return y + height; }
  bool holds(Point p) const { return p.x >= x && p.x <= right() && p.y >= y && p.y <= bottom(); }
  bool meets(const Box& b) const { return x < b.right() && b.x < right() && y < b.bottom() && b.y < bottom(); }
  Box grown(double by) const { return {x - by, y - by, width + 2 * by, height + 2 * by}; }
};

enum class Align { left, centre, right };

struct TextStyle {
  double size = 12;
  Colour colour = kInk;
  bool bold = false;
  Align align = Align::left;
  double turn = 0;    // degrees, clockwise, about the anchor
  bool halo = false;  // a rim of paper, where text stands on lines
};

/** Width of one line of text. */
double text_width(std::string_view text, const TextStyle& style);
/** The text, or as much of its beginning as fits, with an ellipsis. */
std::string fitted(std::string_view text, const TextStyle& style, double width);
/** Valid UTF-8 without control characters: names come from outside. */
std::string printable(std::string_view text);

/** Words that stand in a figure, and the upright box around them. */
struct Label {
  std::string text;
  Box box;
};

/** What figures are drawn with. */
class Canvas {
 public:
  Canvas(_cairo* cairo, std::vector<Label>* labels) : cairo_(cairo), labels_(labels) {}

  void line(Point from, Point to, Colour colour, double width = 1);
  /** Joined points; a single one becomes a dot as wide as the line. */
  void path(std::span<const Point> points, Colour colour, double width);
  void fill(const Box& box, Colour colour);
  void outline(const Box& box, Colour colour, double width = 1);
  void dot(Point centre, double radius, Colour inside, Colour rim, double rim_width);
  /** `at` is on the base line. */
  void text(Point at, std::string_view text, const TextStyle& style);
  /** Stretched over the box, with hard edges between its pixels. */
  void image(const Box& box, const Image& image);

 private:
  _cairo* cairo_;
  std::vector<Label>* labels_;
};

/** A drawing of fixed size. */
class Figure {
 public:
  Figure(double width, double height, std::string title, std::function<void(Canvas&)> draw);

  double width() const { return width_; }
  double height() const { return height_; }

  /**
   * Letters are outlines, so no font is needed to see them; the words stand in a description beside. Names inside are this figure's own:
   * several figures may stand in one HTML page.
   */
  std::string svg() const;
  /** `scale` pixels for one CSS pixel. */
  std::string png(double scale = 2) const;
  /** All that is written, in the order of drawing. */
  std::vector<Label> labels() const;

 private:
  double width_, height_;
  std::string title_;
  std::function<void(Canvas&)> draw_;
};

/** `folder/name.svg` and `folder/name.png`; makes the folder. */
void write_figure(const Path& folder, std::string_view name, const Figure& figure);

}  // namespace convscope

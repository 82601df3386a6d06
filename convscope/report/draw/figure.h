#pragma once

/**
 * Goals: one drawing code for SVG and PNG; equal figures are equal bytes; an SVG is small, its words are text, and a page that holds it can
 * change its colours by rules such as `[fill="#1c2126"]`.
 * Non-goals: interaction; letters of the same shape on every machine.
 */

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/report/draw/colour.h"
#include "convscope/tensor/image.h"

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

/** What figures are drawn with; each medium is a canvas of its own. */
class Canvas {
 public:
  virtual ~Canvas() = default;

  virtual void line(Point from, Point to, Colour colour, double width = 1) = 0;
  /** Joined points; a single one becomes a dot as wide as the line. */
  virtual void path(std::span<const Point> points, Colour colour, double width) = 0;
  virtual void fill(const Box& box, Colour colour) = 0;
  /** What lies between these corners. */
  virtual void area(std::span<const Point> corners, Colour colour) = 0;
  virtual void outline(const Box& box, Colour colour, double width = 1) = 0;
  virtual void dot(Point centre, double radius, Colour inside, Colour rim, double rim_width) = 0;
  /** Stretched over the box, with hard edges between its pixels. */
  virtual void image(const Box& box, const Image& image) = 0;
  /** `at` is on the base line. */
  void text(Point at, std::string_view text, const TextStyle& style);

 private:
  /** Printable, not empty. */
  virtual void words(Point at, const std::string& text, const TextStyle& style) = 0;
};

/** A drawing of fixed size. */
class Figure {
 public:
  Figure(double width, double height, std::string title, std::function<void(Canvas&)> draw);

  double width() const { return width_; }
  double height() const { return height_; }

  /** One `<svg>` element with nothing before it: a file of its own, and as it is a part of an HTML page. */
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

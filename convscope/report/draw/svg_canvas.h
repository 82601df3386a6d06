#pragma once

#include <string>
#include <string_view>

#include "convscope/report/draw/figure.h"

namespace convscope {

/** The font that figures are measured with; where a reader's machine has none of that name, Verdana is as wide. */
inline constexpr const char* kFigureFont = "DejaVu Sans";

/**
 * A drawing as SVG text. What follows each other in the same style shares it: a matrix of a thousand cells takes 20 bytes a cell.
 * Lengths are rounded to 1/10 pixel.
 */
class SvgCanvas : public Canvas {
 public:
  SvgCanvas(double width, double height, std::string_view title);

  void line(Point from, Point to, Colour colour, double width) override;
  void path(std::span<const Point> points, Colour colour, double width) override;
  void fill(const Box& box, Colour colour) override;
  void area(std::span<const Point> corners, Colour colour) override;
  void outline(const Box& box, Colour colour, double width) override;
  void dot(Point centre, double radius, Colour inside, Colour rim, double rim_width) override;
  void image(const Box& box, const Image& image) override;

  /** The whole element; nothing can be drawn afterwards. */
  std::string finish();

 private:
  /** What is open: a path that takes more pieces, a group that takes more words, or nothing. */
  enum class Open { nothing, path, words };

  void words(Point at, const std::string& text, const TextStyle& style) override;
  void begin(Open what, std::string opening);
  void close();

  std::string out_;
  Open open_ = Open::nothing;
  std::string opening_;  // of what is open
  std::string pieces_;
};

/** As CSS writes it, without its opacity: #1c2126. */
std::string hex(Colour colour);

/** Bytes as text of a `data:` address, RFC 4648. */
std::string base64(std::string_view bytes);

/** Printable text in which nothing is markup, in elements as in quoted attributes. */
std::string escaped(std::string_view text);

}  // namespace convscope

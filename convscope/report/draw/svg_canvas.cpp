#include "convscope/report/draw/svg_canvas.h"

#include <cmath>

namespace convscope {

namespace {

/** A length to 1/10 pixel, or another number to so many digits behind the point; none that says nothing. */
std::string shortest(double v, int digits = 1) {
  std::string text = fmt::format("{:.{}f}", v, digits);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

/** ` fill="#1c2126"`, with its opacity where something shines through. */
std::string paint(std::string_view attribute, Colour c) {
  std::string text = fmt::format(" {}=\"{}\"", attribute, hex(c));
  if (c.alpha < 1) text += fmt::format(" {}-opacity=\"{}\"", attribute, shortest(c.alpha, 2));
  return text;
}

std::string stroke(Colour colour, double width) {
  return fmt::format("<path fill=\"none\"{} stroke-width=\"{}\"", paint("stroke", colour), shortest(width));
}

std::string_view anchor(Align align) { return align == Align::left ? "start" : align == Align::centre ? "middle" : "end"; }

}  // namespace

std::string hex(Colour c) {
  const auto level = [](double share) { return static_cast<int>(std::lround(255 * share)); };
  return fmt::format("#{:02x}{:02x}{:02x}", level(c.red), level(c.green), level(c.blue));
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (size_t k = 0; k < 3; ++k) group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
  }
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

SvgCanvas::SvgCanvas(double width, double height, std::string_view title)
    : out_(fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"figure\" aria-label=\"{2}\" width=\"{0}\" height=\"{1}\" "
                       "viewBox=\"0 0 {0} {1}\" font-family=\"{3}, Verdana, sans-serif\">\n",
                       shortest(width), shortest(height), escaped(title), kFigureFont)) {}

void SvgCanvas::begin(Open what, std::string opening) {
  if (open_ == what && opening_ == opening) return;
  close();
  open_ = what;
  opening_ = std::move(opening);
}

void SvgCanvas::close() {
  if (open_ == Open::path) out_ += fmt::format("{} d=\"{}\"/>\n", opening_, pieces_);
  if (open_ == Open::words) out_ += fmt::format("{}>{}</g>\n", opening_, pieces_);
  open_ = Open::nothing;
  pieces_.clear();
}

std::string SvgCanvas::finish() {
  close();
  return std::move(out_) + "</svg>\n";
}

void SvgCanvas::line(Point from, Point to, Colour colour, double width) {
  begin(Open::path, stroke(colour, width));
  pieces_ += fmt::format("M{} {}L{} {}", shortest(from.x), shortest(from.y), shortest(to.x), shortest(to.y));
}

void SvgCanvas::path(std::span<const Point> points, Colour colour, double width) {
  if (points.empty()) return;
  begin(Open::path, stroke(colour, width) + " stroke-linecap=\"round\" stroke-linejoin=\"round\"");
  for (size_t i = 0; i < points.size(); ++i)
    pieces_ += fmt::format("{}{} {}", i == 0 ? "M" : "L", shortest(points[i].x), shortest(points[i].y));
  if (points.size() == 1) pieces_ += "h0";
}

void SvgCanvas::fill(const Box& box, Colour colour) {
  begin(Open::path, "<path" + paint("fill", colour));
  pieces_ +=
      fmt::format("M{} {}h{}v{}h-{}z", shortest(box.x), shortest(box.y), shortest(box.width), shortest(box.height), shortest(box.width));
}

void SvgCanvas::area(std::span<const Point> corners, Colour colour) {
  if (corners.empty()) return;
  begin(Open::path, "<path" + paint("fill", colour));
  for (size_t i = 0; i < corners.size(); ++i)
    pieces_ += fmt::format("{}{} {}", i == 0 ? "M" : "L", shortest(corners[i].x), shortest(corners[i].y));
  pieces_ += "z";
}

void SvgCanvas::outline(const Box& box, Colour colour, double width) {
  begin(Open::path, stroke(colour, width));
  pieces_ +=
      fmt::format("M{} {}h{}v{}h-{}z", shortest(box.x), shortest(box.y), shortest(box.width), shortest(box.height), shortest(box.width));
}

void SvgCanvas::dot(Point centre, double radius, Colour inside, Colour rim, double rim_width) {
  close();
  out_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}{} stroke-width=\"{}\"/>\n", shortest(centre.x), shortest(centre.y),
                      shortest(radius), paint("fill", inside), paint("stroke", rim), shortest(rim_width));
}

void SvgCanvas::image(const Box& box, const Image& image) {
  close();
  out_ += fmt::format(
      "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "
      "href=\"data:image/png;base64,{}\"/>\n",
      shortest(box.x), shortest(box.y), shortest(box.width), shortest(box.height), base64(encode_png(image)));
}

void SvgCanvas::words(Point at, const std::string& text, const TextStyle& style) {
  std::string opening = fmt::format("<g font-size=\"{}\"{}", shortest(style.size), paint("fill", style.colour));
  if (style.bold) opening += " font-weight=\"bold\"";
  if (style.align != Align::left) opening += fmt::format(" text-anchor=\"{}\"", anchor(style.align));
  if (style.halo) opening += fmt::format("{} stroke-width=\"4\" stroke-linejoin=\"round\" paint-order=\"stroke\"", paint("stroke", kPaper));
  begin(Open::words, std::move(opening));
  pieces_ += fmt::format("<text x=\"{}\" y=\"{}\"", shortest(at.x), shortest(at.y));
  if (style.turn != 0) pieces_ += fmt::format(" transform=\"rotate({} {} {})\"", shortest(style.turn), shortest(at.x), shortest(at.y));
  pieces_ += fmt::format(">{}</text>", escaped(text));
}

}  // namespace convscope

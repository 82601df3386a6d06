#include "convscope/report/draw/figure.h"

#include <cairo.h>

#include <cmath>
#include <memory>
#include <numbers>

#include "convscope/report/draw/svg_canvas.h"

namespace convscope {

namespace {

constexpr double kAscent = 0.76, kDescent = 0.24;  // of its size, for its tallest and deepest letters

struct Destroy {
  void operator()(cairo_t* c) const { cairo_destroy(c); }
  void operator()(cairo_surface_t* s) const { cairo_surface_destroy(s); }
  void operator()(cairo_font_options_t* o) const { cairo_font_options_destroy(o); }
};
using Surface = std::unique_ptr<cairo_surface_t, Destroy>;
using Context = std::unique_ptr<cairo_t, Destroy>;

/** Hints would move letters to whole pixels of one medium and not of the other. */
Context context_on(cairo_surface_t* surface) {
  Context cairo(cairo_create(surface));
  const std::unique_ptr<cairo_font_options_t, Destroy> options(cairo_font_options_create());
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(cairo.get(), options.get());
  return cairo;
}

void choose_font(cairo_t* cairo, const TextStyle& style) {
  cairo_select_font_face(cairo, kFigureFont, CAIRO_FONT_SLANT_NORMAL, style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo, style.size);
}

double advance(cairo_t* cairo, const std::string& text) {
  cairo_text_extents_t extents;
  cairo_text_extents(cairo, text.c_str(), &extents);
  return extents.x_advance;
}

/** For measuring: nothing is drawn on it. */
class Ruler {
 public:
  explicit Ruler(const TextStyle& style)
      : surface_(cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, nullptr)), cairo_(context_on(surface_.get())) {
    choose_font(cairo_.get(), style);
  }
  double width(const std::string& text) const { return advance(cairo_.get(), text); }

 private:
  Surface surface_;
  Context cairo_;
};

void set_colour(cairo_t* cairo, Colour c) { cairo_set_source_rgba(cairo, c.red, c.green, c.blue, c.alpha); }

cairo_status_t append(void* to, const unsigned char* bytes, unsigned size) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), size);
  return CAIRO_STATUS_SUCCESS;
}

void require_drawn(cairo_status_t status) {
  require(status == CAIRO_STATUS_SUCCESS, "a figure cannot be drawn: {}", cairo_status_to_string(status));
}

/** Bytes of the UTF-8 character that begins the text; 0 where none does. */
size_t character_bytes(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
  const unsigned first = byte(0);
  const size_t size = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  if (size == 0 || size > text.size()) return 0;
  unsigned code = size == 1 ? first : first & (0x7fu >> size);
  for (size_t i = 1; i < size; ++i) {
    if (byte(i) >> 6 != 2) return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool valid = code >= kLeast[size] && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) && code != 0xfffe && code != 0xffff;
  return valid ? size : 0;
}

/** Pixels, by cairo. */
class CairoCanvas : public Canvas {
 public:
  explicit CairoCanvas(cairo_t* cairo) : cairo_(cairo) {}

  void line(Point from, Point to, Colour colour, double width) override {
    set_colour(cairo_, colour);
    cairo_set_line_width(cairo_, width);
    cairo_set_line_cap(cairo_, CAIRO_LINE_CAP_BUTT);
    cairo_move_to(cairo_, from.x, from.y);
    cairo_line_to(cairo_, to.x, to.y);
    cairo_stroke(cairo_);
  }

  void path(std::span<const Point> points, Colour colour, double width) override {
    if (points.empty()) return;
    set_colour(cairo_, colour);
    cairo_set_line_width(cairo_, width);
    cairo_set_line_cap(cairo_, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
    cairo_move_to(cairo_, points[0].x, points[0].y);
    for (const Point& p : points) cairo_line_to(cairo_, p.x, p.y);
    cairo_stroke(cairo_);
  }

  void fill(const Box& box, Colour colour) override {
    set_colour(cairo_, colour);
    cairo_rectangle(cairo_, box.x, box.y, box.width, box.height);
    cairo_fill(cairo_);
  }

  void area(std::span<const Point> corners, Colour colour) override {
    if (corners.empty()) return;
    set_colour(cairo_, colour);
    cairo_move_to(cairo_, corners[0].x, corners[0].y);
    for (const Point& p : corners) cairo_line_to(cairo_, p.x, p.y);
    cairo_close_path(cairo_);
    cairo_fill(cairo_);
  }

  void outline(const Box& box, Colour colour, double width) override {
    set_colour(cairo_, colour);
    cairo_set_line_width(cairo_, width);
    cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_MITER);
    cairo_rectangle(cairo_, box.x, box.y, box.width, box.height);
    cairo_stroke(cairo_);
  }

  void dot(Point centre, double radius, Colour inside, Colour rim, double rim_width) override {
    cairo_new_sub_path(cairo_);
    cairo_arc(cairo_, centre.x, centre.y, radius, 0, 2 * std::numbers::pi);
    set_colour(cairo_, inside);
    cairo_fill_preserve(cairo_);
    set_colour(cairo_, rim);
    cairo_set_line_width(cairo_, rim_width);
    cairo_stroke(cairo_);
  }

  void image(const Box& box, const Image& image) override {
    const int width = static_cast<int>(image.columns), height = static_cast<int>(image.rows);
    const Image colour = with_channels(image, 3);
    const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
    require_drawn(cairo_surface_status(surface.get()));
    unsigned char* data = cairo_image_surface_get_data(surface.get());
    const int stride = cairo_image_surface_get_stride(surface.get());
    const size_t plane = static_cast<size_t>(image.rows * image.columns);
    for (int r = 0; r < height; ++r) {
      auto* row = reinterpret_cast<uint32_t*>(data + static_cast<ptrdiff_t>(r) * stride);
      for (int x = 0; x < width; ++x) {
        const size_t i = static_cast<size_t>(r) * static_cast<size_t>(width) + static_cast<size_t>(x);
        row[x] = uint32_t{colour.pixels[i]} << 16 | uint32_t{colour.pixels[plane + i]} << 8 | colour.pixels[2 * plane + i];
      }
    }
    cairo_surface_mark_dirty(surface.get());

    cairo_save(cairo_);
    cairo_rectangle(cairo_, box.x, box.y, box.width, box.height);
    cairo_clip(cairo_);
    cairo_translate(cairo_, box.x, box.y);
    cairo_scale(cairo_, box.width / width, box.height / height);
    cairo_set_source_surface(cairo_, surface.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo_), CAIRO_FILTER_NEAREST);
    cairo_paint(cairo_);
    cairo_restore(cairo_);
  }

 private:
  void words(Point at, const std::string& text, const TextStyle& style) override {
    cairo_save(cairo_);
    choose_font(cairo_, style);
    cairo_translate(cairo_, at.x, at.y);
    cairo_rotate(cairo_, style.turn * std::numbers::pi / 180);
    const double width = advance(cairo_, text);
    const double x = style.align == Align::right ? -width : style.align == Align::centre ? -width / 2 : 0;
    if (style.halo) {
      cairo_move_to(cairo_, x, 0);
      cairo_text_path(cairo_, text.c_str());
      set_colour(cairo_, kPaper);
      cairo_set_line_width(cairo_, 4);
      cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
      cairo_stroke(cairo_);
    }
    cairo_move_to(cairo_, x, 0);
    set_colour(cairo_, style.colour);
    cairo_show_text(cairo_, text.c_str());
    cairo_restore(cairo_);
  }

  cairo_t* cairo_;
};

/** Nothing is drawn; what is written is kept with its place. */
class LabelCanvas : public Canvas {
 public:
  void line(Point, Point, Colour, double) override {}
  void path(std::span<const Point>, Colour, double) override {}
  void fill(const Box&, Colour) override {}
  void area(std::span<const Point>, Colour) override {}
  void outline(const Box&, Colour, double) override {}
  void dot(Point, double, Colour, Colour, double) override {}
  void image(const Box&, const Image&) override {}
  std::vector<Label> take() { return std::move(labels_); }

 private:
  void words(Point at, const std::string& text, const TextStyle& style) override {
    const double turn = style.turn * std::numbers::pi / 180, width = text_width(text, style);
    const double begin = style.align == Align::right ? -width : style.align == Align::centre ? -width / 2 : 0;
    Point least{INFINITY, INFINITY}, most{-INFINITY, -INFINITY};
    for (const double across : {begin, begin + width}) {
      for (const double down : {-kAscent * style.size, kDescent * style.size}) {
        const Point p{at.x + across * std::cos(turn) - down * std::sin(turn), at.y + across * std::sin(turn) + down * std::cos(turn)};
        least = {std::min(least.x, p.x), std::min(least.y, p.y)};
        most = {std::max(most.x, p.x), std::max(most.y, p.y)};
      }
    }
    labels_.push_back({text, {least.x, least.y, most.x - least.x, most.y - least.y}});
  }

  std::vector<Label> labels_;
};

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t size = character_bytes(text);
    const bool control = size == 1 && (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7f);
    if (size == 0)
      out += "\uFFFD";
    else if (control)
      out += ' ';
    else
      out += text.substr(0, size);
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return out;
}

double text_width(std::string_view text, const TextStyle& style) { return Ruler(style).width(printable(text)); }

std::string fitted(std::string_view text, const TextStyle& style, double width) {
  const Ruler ruler(style);
  const std::string whole = printable(text);
  if (ruler.width(whole) <= width) return whole;
  std::string best = "…";
  for (size_t end = 0; end < whole.size();) {
    end += character_bytes(std::string_view(whole).substr(end));
    std::string part = whole.substr(0, end);
    while (part.ends_with(' ') || part.ends_with(',')) part.pop_back();
    part += "…";
    if (ruler.width(part) > width) break;
    best = part;
  }
  return best;
}

void Canvas::text(Point at, std::string_view text, const TextStyle& style) {
  if (const std::string line = printable(text); !line.empty()) words(at, line, style);
}

Figure::Figure(double width, double height, std::string title, std::function<void(Canvas&)> draw)
    : width_(std::ceil(width)), height_(std::ceil(height)), title_(printable(title)), draw_(std::move(draw)) {}

std::string Figure::svg() const {
  SvgCanvas canvas(width_, height_, title_);
  canvas.fill({0, 0, width_, height_}, kPaper);
  draw_(canvas);
  return canvas.finish();
}

std::string Figure::png(double scale) const {
  const double columns = std::round(width_ * scale), rows = std::round(height_ * scale);
  require(columns >= 1 && rows >= 1 && columns <= 32767 && rows <= 32767, "a figure of {} x {} pixels cannot be drawn; up to 32767 a side",
          columns, rows);
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(columns), static_cast<int>(rows)));
  const Context cairo = context_on(surface.get());
  cairo_scale(cairo.get(), columns / width_, rows / height_);
  CairoCanvas canvas(cairo.get());
  canvas.fill({0, 0, width_, height_}, kPaper);
  draw_(canvas);
  require_drawn(cairo_status(cairo.get()));
  std::string bytes;
  require_drawn(cairo_surface_write_to_png_stream(surface.get(), append, &bytes));
  return bytes;
}

std::vector<Label> Figure::labels() const {
  LabelCanvas canvas;
  draw_(canvas);
  return canvas.take();
}

void write_figure(const Path& folder, std::string_view name, const Figure& figure) {
  make_folder(folder);
  write_file(folder / fmt::format("{}.svg", name), figure.svg());
  write_file(folder / fmt::format("{}.png", name), figure.png());
}

}  // namespace convscope

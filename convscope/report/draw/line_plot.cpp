#include "convscope/report/draw/line_plot.h"

#include <algorithm>
#include <cmath>

#include "convscope/report/draw/chart.h"

namespace convscope {

namespace {

constexpr double kLabelGap = 9;  // from a line's end to its label
constexpr double kLabelHeight = 15;
constexpr double kFewEpochs = 12;  // up to here each epoch has its dot

const TextStyle kPlotHeading{.size = 13, .bold = true};
const TextStyle kTickLabel{.size = 11, .colour = kMuted};
const TextStyle kLineLabel{.size = 12};

/** Smallest and largest finite value of all lines, of those above `floor`. */
std::optional<std::pair<double, double>> range(const std::vector<PlotLine>& all, double floor = -INFINITY) {
  std::optional<std::pair<double, double>> ends;
  for (const PlotLine& s : all)
    for (const PlotValue& v : s.values)
      if (std::isfinite(v.y) && v.y > floor)
        ends = ends ? std::pair(std::min(ends->first, v.y), std::max(ends->second, v.y)) : std::pair(v.y, v.y);
  return ends;
}

/** Centres of labels that want to stand at `wanted` but not upon each other, between `top` and `bottom`. */
std::vector<double> apart(std::vector<double> wanted, double top, double bottom) {
  std::vector<double*> down;  // from top to bottom
  for (double& w : wanted) down.push_back(&w);
  std::stable_sort(down.begin(), down.end(), [](const double* a, const double* b) { return *a < *b; });
  for (size_t i = 1; i < down.size(); ++i) {
    const double push = std::max(0.0, kLabelHeight - (*down[i] - *down[i - 1])) / 2;
    *down[i - 1] -= push;
    *down[i] += push;
  }
  for (size_t i = 0; i < down.size(); ++i) *down[i] = std::max(*down[i], i == 0 ? top : *down[i - 1] + kLabelHeight);
  for (size_t i = down.size(); i-- > 0;) *down[i] = std::min(*down[i], i + 1 == down.size() ? bottom : *down[i + 1] - kLabelHeight);
  return wanted;
}

double crisp(double v) { return std::round(v - 0.5) + 0.5; }

void label_ends(std::vector<PlotLine>& lines, std::string (*text)(double)) {
  for (PlotLine& line : lines)
    if (const PlotValue* v = line.last()) line.end_label = (line.named && !line.name.empty() ? line.name + " " : "") + text(v->y);
}

}  // namespace

const PlotValue* PlotLine::last() const {
  for (auto v = values.rbegin(); v != values.rend(); ++v)
    if (std::isfinite(v->y)) return &*v;
  return nullptr;
}

std::string three_digits(double v) {
  if (v == 0) return "0";
  const int power = static_cast<int>(std::floor(std::log10(std::abs(v))));
  if (power < -4 || power > 4) return fmt::format("{:.1f} · {}", v / std::pow(10.0, power), power_of_ten(power));
  return fmt::format("{:.{}f}", v, std::max(0, 2 - power));
}

std::string percent_text(double v) { return fmt::format("{:.2f} %", v); }

PlotPanel loss_panel(std::string heading, std::vector<PlotLine> lines, LossScale scale) {
  label_ends(lines, three_digits);
  PlotPanel panel{std::move(heading), std::move(lines), Axis::linear(0, 1, 5)};
  const auto ends = range(panel.lines), positive = range(panel.lines, 0);
  const bool wide = positive && positive->second / positive->first > 100;
  if (positive && (scale == LossScale::logarithmic || (scale == LossScale::automatic && wide))) {
    panel.heading += ", logarithmic";
    panel.values = Axis::logarithmic(positive->first, positive->second, 6);
    for (PlotLine& line : panel.lines)
      for (PlotValue& v : line.values)
        if (v.y <= 0) v.y = NAN;  // has no place here
  } else if (ends) {
    // Zero is the aim of a loss, so it is shown unless that would flatten the lines.
    const bool near_zero = ends->first >= 0 && ends->first < 0.5 * ends->second;
    panel.values = Axis::linear(near_zero ? 0 : ends->first, ends->second, 5);
  }
  return panel;
}

PlotPanel percent_panel(std::string heading, std::vector<PlotLine> lines) {
  label_ends(lines, percent_text);
  PlotPanel panel{std::move(heading), std::move(lines), Axis::linear(0, 100, 5)};
  if (const auto ends = range(panel.lines)) {
    const double room = ends->first == ends->second ? 5 : 0;
    panel.values = Axis::linear(std::max(0.0, ends->first - room), std::min(100.0, std::max(ends->second, ends->first + room)), 5);
  }
  return panel;
}

PlotPanel amount_panel(std::string heading, std::vector<PlotLine> lines) {
  label_ends(lines, three_digits);
  PlotPanel panel{std::move(heading), std::move(lines), Axis::linear(0, 1, 5)};
  if (const auto ends = range(panel.lines)) panel.values = Axis::linear(std::min(0.0, ends->first), ends->second, 4);
  return panel;
}

Plot::Plot(PlotPanel panel, Axis epochs, const Box& room) : panel_(std::move(panel)), epochs_(std::move(epochs)), heading_x_(room.x) {
  constexpr double kMostForLabels = 0.45;  // of the room
  double left = 0, right = 0;
  for (const auto& tick : panel_.values.ticks()) left = std::max(left, text_width(tick.label, kTickLabel));
  for (PlotLine& line : panel_.lines) {
    if (!line.last()) continue;
    line.end_label = fitted(line.end_label, kLineLabel, kMostForLabels * room.width);
    right = std::max(right, text_width(line.end_label, kLineLabel));
  }
  plot_ = {room.x + std::ceil(left) + 8, room.y, 0, room.height};
  plot_.width = room.right() - std::ceil(right) - kLabelGap - plot_.x;
}

void Plot::draw(Canvas& canvas) const {
  canvas.text({heading_x_, plot_.y - 20}, fitted(panel_.heading, kPlotHeading, plot_.x + plot_.width - heading_x_), kPlotHeading);
  draw_axes(canvas);
  const bool empty = std::none_of(panel_.lines.begin(), panel_.lines.end(), [](const PlotLine& s) { return s.last(); });
  if (empty) {
    TextStyle style{.size = 12, .colour = kMuted};
    style.align = Align::centre;
    canvas.text({plot_.x + plot_.width / 2, plot_.y + plot_.height / 2}, "no numbers", style);
    return;
  }
  for (const PlotLine& s : panel_.lines) draw_line(canvas, s);
  if (panel_.mark) draw_mark(canvas, *panel_.mark);
  draw_ends(canvas);
}

Point Plot::place(const PlotValue& v) const {
  return {plot_.x + epochs_.at(v.x) * plot_.width, plot_.bottom() - panel_.values.at(v.y) * plot_.height};
}

void Plot::draw_axes(Canvas& canvas) const {
  TextStyle label = kTickLabel;
  label.align = Align::right;
  for (const auto& tick : panel_.values.ticks()) {
    const double y = place({epochs_.low(), tick.value}).y;
    canvas.line({plot_.x, crisp(y)}, {plot_.right(), crisp(y)}, kGrid);
    canvas.text({plot_.x - 8, y + 4}, tick.label, label);
  }
  const double foot = crisp(plot_.bottom());
  canvas.line({plot_.x, foot}, {plot_.right(), foot}, kAxis);
  label.align = Align::centre;
  for (const auto& tick : epochs_.ticks()) {
    const double x = plot_.x + epochs_.at(tick.value) * plot_.width;
    canvas.line({crisp(x), foot}, {crisp(x), foot + 4}, kAxis);
    canvas.text({x, plot_.bottom() + 18}, tick.label, label);
  }
  canvas.text({plot_.x + plot_.width / 2, plot_.bottom() + 36}, panel_.along, label);
}

/** Pieces between gaps. */
std::vector<std::vector<Point>> Plot::pieces(const PlotLine& s) const {
  std::vector<std::vector<Point>> all;
  bool open = false;
  for (const PlotValue& v : s.values) {
    if (std::isfinite(v.y)) {
      if (!open) all.emplace_back();
      all.back().push_back(place(v));
    }
    open = std::isfinite(v.y);
  }
  return all;
}

void Plot::draw_line(Canvas& canvas, const PlotLine& s) const {
  const bool dots = epochs_.high() - epochs_.low() < kFewEpochs;
  for (const auto& piece : pieces(s)) {
    canvas.path(piece, s.colour, s.width);
    if (dots || piece.size() == 1)
      for (const Point& p : piece) canvas.dot(p, 2.6, s.colour, kPaper, 1);
  }
}

/** What ties a line's end to its label, where these do not touch: dashes through the plot, where the line ended early. */
void Plot::tie(Canvas& canvas, Point end, Point label, Colour colour) const {
  const Point rim{plot_.right(), end.y};
  if (end.x < rim.x - 1) draw_dashes(canvas, std::vector<Point>{{end.x + 5, end.y}, rim}, colour, 1, 2, 3);
  if (std::abs(label.y - end.y) > 2) canvas.line({rim.x + 3, end.y}, {label.x - 2, label.y}, colour, 1);
}

void Plot::draw_ends(Canvas& canvas) const {
  std::vector<const PlotLine*> ending;
  std::vector<double> heights;
  for (const PlotLine& s : panel_.lines) {
    const PlotValue* v = s.last();
    if (!v || s.end_label.empty()) continue;
    ending.push_back(&s);
    heights.push_back(place(*v).y);
    canvas.dot(place(*v), 3.4, s.colour, kPaper, 1.2);
  }
  if (ending.empty()) return;
  const double bottom = plot_.bottom() - 3;
  if (kLabelHeight * static_cast<double>(ending.size() - 1) > bottom - plot_.y) return;  // more than fit; the axis must do
  heights = apart(heights, plot_.y, bottom);
  for (size_t i = 0; i < ending.size(); ++i) {
    const Point end = place(*ending[i]->last()), label{plot_.right() + kLabelGap, heights[i]};
    tie(canvas, end, label, mix(kPaper, ending[i]->colour, 0.6));
    TextStyle style = kLineLabel;
    style.colour = ending[i]->colour;
    canvas.text({label.x, label.y + 4}, ending[i]->end_label, style);
  }
}

/** How much of the box lies upon lines, in pixels along them; outside the plot counts heavily. */
double Plot::crowding(const Box& box) const {
  double crowd = 0;
  if (box.x < plot_.x || box.right() > plot_.right() || box.y < plot_.y - 2 || box.bottom() > plot_.bottom() - 2) crowd += 1e6;
  const Box around = box.grown(3);
  for (const PlotLine& s : panel_.lines) {
    for (const auto& piece : pieces(s)) {
      for (size_t i = 0; i < piece.size(); ++i) {
        const Point a = piece[i], b = piece[std::min(i + 1, piece.size() - 1)];
        const double length = std::hypot(b.x - a.x, b.y - a.y);
        const int steps = std::max(1, static_cast<int>(length));
        for (int k = 0; k < steps; ++k) {
          const double t = static_cast<double>(k) / steps;
          if (around.holds({a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t})) crowd += 1;
        }
      }
    }
  }
  return crowd;
}

/** A ring, and its words in the emptiest place near it, tied by a thin line. */
void Plot::draw_mark(Canvas& canvas, const PlotMark& mark) const {
  const Point ring = place(mark.at);
  TextStyle style = kLineLabel;
  style.colour = mark.colour;
  style.halo = true;
  const double width = text_width(mark.label, style), ascent = 0.76 * style.size, height = style.size;

  Box words{};
  double least = INFINITY;
  for (const double distance : {14.0, 24.0, 36.0, 52.0, 72.0, 96.0, 130.0, 170.0}) {
    for (const int side : {1, -1}) {  // below, above
      for (const double shift : {0.5, 0.8, 0.2, 1.0, 0.0}) {
        const double x = std::clamp(ring.x - shift * width, plot_.x + 2, std::max(plot_.x + 2, plot_.right() - width - 2));
        const Box box{x, side > 0 ? ring.y + distance : ring.y - distance - height, width, height};
        const double cost = crowding(box) + 0.05 * distance;
        if (cost < least) {
          least = cost;
          words = box;
        }
      }
    }
  }
  const bool below = words.y > ring.y;
  const Point knot{std::clamp(ring.x, words.x + 4, words.right() - 4), below ? words.y - 2 : words.bottom() + 2};
  canvas.line({ring.x, ring.y + (below ? 5 : -5)}, knot, mix(kPaper, mark.colour, 0.6), 1);
  canvas.dot(ring, 4.2, kPaper, mark.colour, 1.8);
  canvas.text({words.x, words.y + ascent}, mark.label, style);
}

}  // namespace convscope

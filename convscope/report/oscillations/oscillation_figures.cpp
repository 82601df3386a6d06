#include "convscope/report/oscillations/oscillation_figures.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <vector>

#include "convscope/report/draw/chart.h"
#include "convscope/report/draw/colour_map.h"
#include "convscope/report/page/section.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr double kPanelWidth = 400, kPanelHeight = 240, kOscillationsBetween = 40;
constexpr double kLowShare = 0.001, kHighShare = 0.997;  // as published
constexpr double kPicture = 116;

const TextStyle kOscillationsHeading{.size = 12.5, .bold = true};
const TextStyle kOscillationsTick{.size = 11, .colour = kMuted};
const TextStyle kOscillationsWords{.size = 11.5};

enum class Stroke { dotted, solid, dashed };
enum class Marker { diamond, triangle, circle, cross, star };

struct Family {
  const char* name;
  const char* words;
  Stroke stroke;
  Marker marker;
  Colour colour;
};
const Family kFamilies[] = {
    {"fc-1h", "fully connected, 1 hidden layer", Stroke::dotted, Marker::diamond, kRunColours[1]},
    {"fc-2h", "fully connected, 2", Stroke::dotted, Marker::triangle, kRunColours[4]},
    {"resnet-c", "ResNet-20, constant widths", Stroke::solid, Marker::circle, kRunColours[0]},
    {"resnet-w", "growing widths", Stroke::solid, Marker::cross, kRunColours[2]},
    {"resnet-d", "8 to 272 layers", Stroke::dashed, Marker::star, kRunColours[3]},
};

void draw_marker(Canvas& canvas, Point at, Marker marker, Colour colour) {
  const auto polygon = [&](std::initializer_list<Point> around) {
    std::vector<Point> corners;
    for (const Point& p : around) corners.push_back({at.x + p.x, at.y + p.y});
    canvas.area(corners, colour);
  };
  const auto rays = [&](int count, double first) {
    for (int i = 0; i < count; ++i) {
      const double angle = first + std::numbers::pi * i / count, x = 4.5 * std::cos(angle), y = 4.5 * std::sin(angle);
      canvas.line({at.x - x, at.y - y}, {at.x + x, at.y + y}, colour, 1.6);
    }
  };
  switch (marker) {
    case Marker::diamond:
      polygon({{0, -5}, {4.2, 0}, {0, 5}, {-4.2, 0}});
      break;
    case Marker::triangle:
      polygon({{0, -4.8}, {4.6, 3.6}, {-4.6, 3.6}});
      break;
    case Marker::circle:
      canvas.dot(at, 3.8, colour, kPaper, 0.8);
      break;
    case Marker::cross:
      rays(2, std::numbers::pi / 4);
      break;
    case Marker::star:
      rays(3, std::numbers::pi / 2);
      break;
  }
}

void draw_stroke(Canvas& canvas, std::span<const Point> points, Stroke stroke, Colour colour, double width) {
  if (points.size() < 2) return;
  if (stroke == Stroke::solid) canvas.path(points, colour, width);
  if (stroke == Stroke::dotted) draw_dashes(canvas, points, colour, width, 1.6, 3);
  if (stroke == Stroke::dashed) draw_dashes(canvas, points, colour, width, 6, 4);
}

class Panel {
 public:
  Panel(const Box& plot, const Axis& parameters) : plot_(plot), parameters_(parameters), shares_(kLowShare, kHighShare) {}

  void draw(Canvas& canvas, const std::vector<OscillationNetwork>& networks, double noise) const {
    canvas.text({plot_.x, plot_.y - 10}, fmt::format("A = {}", noise), kOscillationsHeading);
    for (const double share : {0.01, 0.1, 0.5, 0.9, 0.99}) {
      const double y = place({0, share}).y;
      canvas.line({plot_.x, y}, {plot_.right(), y}, kGrid);
      canvas.text({plot_.x - 7, y + 4}, fmt::format("{}", share), aligned(kOscillationsTick, Align::right));
    }
    canvas.line({plot_.x, plot_.bottom()}, {plot_.right(), plot_.bottom()}, kAxis);
    for (const auto& tick : parameters_.ticks()) {
      const double x = plot_.x + parameters_.at(tick.value) * plot_.width;
      canvas.line({x, plot_.bottom()}, {x, plot_.bottom() + 4}, kAxis);
      canvas.text({x, plot_.bottom() + 17}, tick.label, aligned(kOscillationsTick, Align::centre));
    }
    for (const bool ours : {false, true})
      for (const Family& family : kFamilies) {
        std::vector<std::pair<double, double>> values;
        for (const OscillationNetwork& n : networks) {
          const double share = ours ? n.accuracy : n.published;
          if (n.family == family.name && n.noise == noise && std::isfinite(share))
            values.emplace_back(static_cast<double>(n.parameters), share);
        }
        std::sort(values.begin(), values.end());
        std::vector<Point> points;
        for (const auto& value : values) points.push_back(place(value));
        const Colour colour = ours ? family.colour : kAxis;
        draw_stroke(canvas, points, family.stroke, colour, ours ? 1.6 : 1.1);
        for (const Point& p : points) draw_marker(canvas, p, family.marker, colour);
      }
  }

 private:
  Point place(const std::pair<double, double>& value) const {
    return {value.first > 0 ? plot_.x + parameters_.at(value.first) * plot_.width : plot_.x,
            plot_.bottom() - shares_.at(value.second) * plot_.height};
  }

  Box plot_;
  const Axis& parameters_;
  LogitAxis shares_;
};

void draw_families(Canvas& canvas, Point at, double right) {
  const double left = at.x;
  const auto told = [&](std::string_view words, Stroke stroke, Marker marker, Colour colour) {
    const double width = 40 + text_width(words, kOscillationsWords) + 20;
    if (at.x + width > right && at.x > left) at = {left, at.y + 20};
    const Point line[] = {{at.x, at.y - 4}, {at.x + 30, at.y - 4}};
    draw_stroke(canvas, line, stroke, colour, 1.6);
    draw_marker(canvas, {at.x + 15, at.y - 4}, marker, colour);
    canvas.text({at.x + 38, at.y}, words, kOscillationsWords);
    at.x += width;
  };
  for (const Family& f : kFamilies) told(f.words, f.stroke, f.marker, f.colour);
  told("grey: published", Stroke::solid, Marker::circle, kAxis);
}

}  // namespace

Figure oscillation_performance(const OscillationsRecord& record) {
  require(!record.networks.empty(), "a plot of no networks");
  double least = HUGE_VAL, most = 0;
  std::map<double, int> noises;
  for (const OscillationNetwork& n : record.networks) {
    least = std::min(least, static_cast<double>(n.parameters));
    most = std::max(most, static_cast<double>(n.parameters));
    noises[n.noise] = 1;
  }
  const Axis parameters = Axis::logarithmic(least, most, 5);
  const size_t columns = std::min<size_t>(2, noises.size()), rows = (noises.size() + 1) / 2;
  const double left = kFigureMargin + 34, top = heading_height(1) + 26;
  const double width =
      left + static_cast<double>(columns) * kPanelWidth + static_cast<double>(columns - 1) * kOscillationsBetween + kFigureMargin;
  const double foot = top + static_cast<double>(rows) * (kPanelHeight + 66);
  const auto draw = [record, noises, parameters, columns, left, top, width, foot](Canvas& canvas) {
    const std::string below[] = {"accuracy (logit scale) against trained parameters; A: width of the uniform noise"};
    draw_heading(canvas, "classification of oscillations", below, width);
    size_t k = 0;
    for (const auto& noise : noises) {
      const double column = static_cast<double>(k % columns), row = static_cast<double>(k / columns);
      const Box plot{left + column * (kPanelWidth + kOscillationsBetween), top + row * (kPanelHeight + 66), kPanelWidth, kPanelHeight};
      Panel(plot, parameters).draw(canvas, record.networks, noise.first);
      ++k;
    }
    draw_families(canvas, {left, foot}, width - kFigureMargin);
  };
  return Figure(width, foot + (columns > 1 ? 44 : 100), "Accuracy against parameters", draw);
}

std::string oscillation_csv(const OscillationsRecord& record) {
  std::string csv = "arch,family,noise,parameters,published,accuracy,last_accuracy,fresh_accuracy,epochs\n";
  const auto share = [](double v) { return std::isfinite(v) ? fmt::format("{:.4f}", v) : std::string(); };
  for (const OscillationNetwork& n : record.networks)
    csv += fmt::format("{},{},{},{},{},{},{},{},{}\n", n.arch, n.family, n.noise, n.parameters, share(n.published), share(n.accuracy),
                       share(n.last_accuracy), share(n.fresh_accuracy), n.epochs);
  return csv;
}

Tensor every_second(const Tensor& images) {
  const Shape& s = images.shape();
  Tensor some({s[0], (s[1] + 1) / 2, (s[2] + 1) / 2});
  float* to = some.data();
  for (int64_t n = 0; n < s[0]; ++n)
    for (int64_t r = 0; r < s[1]; r += 2)
      for (int64_t c = 0; c < s[2]; c += 2) *to++ = images.row(n)[static_cast<size_t>(r * s[2] + c)];
  return some;
}

Figure oscillation_sheet(const Tensor& images) {
  require(images.shape().rank() == 3 && images.shape()[0] == 4, "four images [4, rows, columns] were wanted, got {}", images.shape());
  const double top = heading_height(1) + 26, between = 12, second = top + kPicture + 34;
  const double width = 2 * kFigureMargin + 4 * kPicture + 3 * between;
  const auto draw = [images, kept = every_second(images), top, between, second, width](Canvas& canvas) {
    const std::string below[] = {"above: 32 × 32 samples; below: every second row and column of the same"};
    draw_heading(canvas, "four oscillations that subsampling makes one", below, width);
    const char* names[] = {"f, f", "1−f, f", "f, 1−f", "1−f, 1−f"};
    for (int64_t n = 0; n < 4; ++n) {
      const double x = kFigureMargin + static_cast<double>(n) * (kPicture + between);
      canvas.text({x + kPicture / 2, top - 8}, names[n], aligned(kOscillationsWords, Align::centre));
      for (const bool whole : {true, false}) {
        const Tensor& from = whole ? images : kept;
        std::vector<float> dark(from.row(n).begin(), from.row(n).end());
        for (float& v : dark) v = -v;
        const Box box{x, whole ? top : second, kPicture, kPicture};
        canvas.image(box, coloured(dark, from.shape()[1], from.shape()[2], {ColourMap::grey, -1, 1}));
        canvas.outline(box, kAxis);
      }
    }
    canvas.text({width / 2, second - 12}, "↓", aligned(kOscillationsWords, Align::centre));
  };
  return Figure(width, second + kPicture + kFigureMargin, "Oscillations", draw);
}

OscillationsRecord read_oscillations(const Path& results) {
  const Path file = results / kOscillationsFile;
  return read_record<OscillationsRecord>(file);
}

void write_oscillation_figures(const Path& results) {
  const OscillationsRecord record = read_oscillations(results);
  const Path folder = results / "figures";
  if (!record.illustration.empty()) write_figure(folder, "oscillations", oscillation_sheet(read_npy(results / record.illustration)));
  if (record.networks.empty()) return;
  write_figure(folder, "oscillation-performance", oscillation_performance(record));
  write_file(folder / "oscillation-performance.csv", oscillation_csv(record));
}

}  // namespace convscope

#include "convscope/report/draw/box_plot.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "convscope/report/aliasing/aliasing_category.h"
#include "convscope/report/draw/chart.h"

namespace convscope {

namespace {

constexpr double kWidth = 480, kPlotHeight = 260, kBoxWidth = 0.4;
constexpr double kPlaces[][2] = {{1, 1.6}, {2.4, 3.0}, {3.8, 4.4}, {5.2, 5.8}};  // as published
constexpr double kFirst = 0.6, kLast = 6.2;
constexpr double kLeast = 1e-4;  // a share of an axis

const TextStyle kTick{.size = 11, .colour = kMuted, .align = Align::right};
const TextStyle kName{.size = 11.5, .align = Align::centre};
const TextStyle kGroup{.size = 11, .align = Align::centre};

std::vector<double> values_of(std::span<const AliasingShares> images, const AliasingCategory& c) {
  std::vector<double> values;
  for (const AliasingShares& s : images) values.push_back(s.*c.share);
  return values;
}

/** Between two of the sorted values where it falls so. */
double quantile(std::span<const double> sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1), whole = std::floor(at);
  const size_t i = static_cast<size_t>(whole), next = std::min(i + 1, sorted.size() - 1);
  return sorted[i] + (sorted[next] - sorted[i]) * (at - whole);
}

/** From a little below the least share to a little above the largest; at least 0.1 … 0.5, the published ticks. */
LogitAxis axis_of(std::span<const AliasingShares> correct, std::span<const AliasingShares> wrong) {
  double low = 0.1, high = 0.5;
  for (const auto group : {correct, wrong})
    for (const AliasingShares& s : group)
      for (const AliasingCategory& c : kAliasingCategories) {
        low = std::min(low, s.*c.share);
        high = std::max(high, s.*c.share);
      }
  return {std::max(kLeast, low / 1.25), 1 - std::max(kLeast, (1 - high) / 1.25)};
}

class BoxDrawing {
 public:
  BoxDrawing(const Box& plot, LogitAxis axis) : plot_(plot), axis_(std::move(axis)) {}

  double x(double place) const { return plot_.x + (place - kFirst) / (kLast - kFirst) * plot_.width; }
  double y(double share) const { return plot_.bottom() - axis_.at(share) * plot_.height; }

  void frame(Canvas& canvas) const {
    for (const auto& tick : axis_.ticks()) {
      canvas.line({plot_.x, y(tick.value)}, {plot_.right(), y(tick.value)}, kGrid);
      canvas.text({plot_.x - 8, y(tick.value) + 4}, tick.label, kTick);
    }
    canvas.line({plot_.x, plot_.bottom()}, {plot_.right(), plot_.bottom()}, kAxis);
    canvas.line({plot_.x, plot_.y}, {plot_.x, plot_.bottom()}, kAxis);
  }

  void box(Canvas& canvas, double place, const BoxOfValues& values, Colour colour) const {
    const double middle = x(place), half = (x(kFirst + kBoxWidth) - x(kFirst)) / 2;
    for (const auto& [from, to] : {std::pair{values.quartile_1, values.low}, std::pair{values.quartile_3, values.high}}) {
      canvas.line({middle, y(from)}, {middle, y(to)}, kMuted);
      canvas.line({middle - half / 2, y(to)}, {middle + half / 2, y(to)}, kMuted);
    }
    const Box body{middle - half, y(values.quartile_3), 2 * half, std::max(1.0, y(values.quartile_1) - y(values.quartile_3))};
    canvas.fill(body, colour);
    canvas.outline(body, kMuted);
    canvas.line({body.x, y(values.median)}, {body.right(), y(values.median)}, words_on(colour), 2);
    std::set<int64_t> seen;  // in quarters of a pixel: thousands of images would be the same dots
    for (const double v : values.outliers)
      if (seen.insert(std::llround(4 * y(v))).second) canvas.dot({middle, y(v)}, 1.4, sheer(kMuted, 0.7), sheer(kMuted, 0), 0.1);
  }

 private:
  Box plot_;
  LogitAxis axis_;
};

}  // namespace

BoxOfValues box_of(std::vector<double> values) {
  require(!values.empty(), "a box of no values");
  std::sort(values.begin(), values.end());
  BoxOfValues box;
  box.quartile_1 = quantile(values, 0.25);
  box.median = quantile(values, 0.5);
  box.quartile_3 = quantile(values, 0.75);
  const double reach = 1.5 * (box.quartile_3 - box.quartile_1);
  box.low = box.quartile_1;
  box.high = box.quartile_3;
  for (const double v : values) {
    if (v < box.quartile_1 - reach || v > box.quartile_3 + reach)
      box.outliers.push_back(v);
    else
      box.low = std::min(box.low, v), box.high = std::max(box.high, v);
  }
  return box;
}

Figure correct_and_wrong(std::span<const AliasingShares> correct, std::span<const AliasingShares> wrong, std::string_view title,
                         std::string_view subtitle) {
  require(!correct.empty() || !wrong.empty(), "a box plot of no images");
  const double top = heading_height(1) + 30, height = top + kPlotHeight + 62;
  const auto draw = [correct = std::vector<AliasingShares>(correct.begin(), correct.end()),
                     wrong = std::vector<AliasingShares>(wrong.begin(), wrong.end()), title = std::string(title),
                     below = std::string(subtitle), top](Canvas& canvas) {
    draw_heading(canvas, title, std::span(&below, 1), kWidth);
    const Box plot{kFigureMargin + 36, top, kWidth - 2 * kFigureMargin - 36, kPlotHeight};
    const BoxDrawing drawing(plot, axis_of(correct, wrong));
    drawing.frame(canvas);
    for (size_t k = 0; k < std::size(kNoPassFirst); ++k) {
      const AliasingCategory& c = kAliasingCategories[kNoPassFirst[k]];
      canvas.text({drawing.x((kPlaces[k][0] + kPlaces[k][1]) / 2), plot.y - 10}, c.name, kName);
      for (const size_t group : {size_t{0}, size_t{1}}) {
        const auto& images = group == 0 ? correct : wrong;
        canvas.text({drawing.x(kPlaces[k][group]), plot.bottom() + 18}, group == 0 ? "✓" : "x", kGroup);
        if (images.empty()) continue;
        const Colour colour = group == 0 ? mix(c.colour, convscope::colour(0xffffff), 0.5) : c.colour;
        drawing.box(canvas, kPlaces[k][group], box_of(values_of(images, c)), colour);
      }
    }
    TextStyle legend{.size = 11, .colour = kMuted, .align = Align::centre};
    canvas.text({plot.x + plot.width / 2, plot.bottom() + 42},
                fmt::format("✓ {} images named right, paler · x {} named wrong · logit axis", correct.size(), wrong.size()), legend);
  };
  return Figure(kWidth, height, fmt::format("Right and wrong images: {}", title), draw);
}

std::string correct_and_wrong_csv(std::span<const AliasingShares> correct, std::span<const AliasingShares> wrong) {
  std::string csv = "category,group,images,low,quartile_1,median,quartile_3,high,outliers\n";
  for (const size_t k : kNoPassFirst)
    for (const bool right : {true, false}) {
      const auto images = right ? correct : wrong;
      if (images.empty()) continue;
      const BoxOfValues b = box_of(values_of(images, kAliasingCategories[k]));
      csv += fmt::format("{},{},{},{:.6f},{:.6f},{:.6f},{:.6f},{:.6f},{}\n", kAliasingCategories[k].name, right ? "correct" : "incorrect",
                         images.size(), b.low, b.quartile_1, b.median, b.quartile_3, b.high, b.outliers.size());
    }
  return csv;
}

}  // namespace convscope

#include "convscope/report/aliasing/aliasing_under_attack.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/report/aliasing/aliasing_category.h"
#include "convscope/report/draw/chart.h"
#include "convscope/report/draw/line_plot.h"
#include "convscope/results/attack_summary.h"

namespace convscope {

namespace {

constexpr double kUnderAttackWidth = 520, kUnderAttackPlotHeight = 260;
constexpr double kUnderAttackLow = -0.05;  // of both axes, so that markers at 0 can be seen
constexpr double kLeastEpsilon = 4.5e-6, kMostEpsilon = 0.051;

const TextStyle kUnderAttackTick{.size = 11, .colour = kMuted};
const TextStyle kUnderAttackWords{.size = 11.5};

const Colour kShare = kAliasingCategories[2].colour;

struct EpsilonTick {
  double epsilon;
  std::string label;
};

/** Where all were asked for in levels of 8 bits, these, "8/255"; else powers of ten. */
std::vector<EpsilonTick> ticks_of(const std::vector<AliasingCurvePoint>& points, double least, double most) {
  std::vector<EpsilonTick> ticks;
  const bool levels =
      !points.empty() && std::all_of(points.begin(), points.end(), [](const AliasingCurvePoint& p) { return in_levels(p.epsilon); });
  for (const AliasingCurvePoint& p : points)
    if (levels) ticks.push_back({p.epsilon, epsilon_text(p.epsilon)});
  for (int k = static_cast<int>(std::ceil(std::log10(least))); !levels && std::pow(10.0, k) <= most; ++k)
    ticks.push_back({std::pow(10.0, k), power_of_ten(k)});
  return ticks;
}

struct Steps {
  double median, low, high;
};
Steps steps_of(const AliasingCurvePoint& p, FoldScaling scaling) {
  return scaling == FoldScaling::published ? Steps{p.median, p.low, p.high}
                                           : Steps{p.contribution_median, p.contribution_low, p.contribution_high};
}

}  // namespace

Figure aliasing_under_attack(const AliasingCurve& curve, FoldScaling scaling, std::string_view title, std::string_view subtitle) {
  const double top = heading_height(1) + 34, bottom = top + kUnderAttackPlotHeight;
  const auto draw = [curve, scaling, title = std::string(title), below = std::string(subtitle), top, bottom](Canvas& canvas) {
    draw_heading(canvas, title, std::span(&below, 1), kUnderAttackWidth);
    std::vector<AliasingCurvePoint> points;
    for (const AliasingCurvePoint& p : curve.points)
      if (p.epsilon > 0) points.push_back(p);
    double least = kLeastEpsilon, most = kMostEpsilon;
    for (const AliasingCurvePoint& p : points) least = std::min(least, p.epsilon / 2), most = std::max(most, p.epsilon);
    const Box plot{kFigureMargin + 34, top, kUnderAttackWidth - 2 * kFigureMargin - 68, kUnderAttackPlotHeight};
    const auto x = [&](double epsilon) { return plot.x + std::log(epsilon / least) / std::log(most / least) * plot.width; };
    const auto at_share = [&](double share) { return plot.bottom() - (share - kUnderAttackLow) / (1 - kUnderAttackLow) * plot.height; };

    for (const double share : {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}) {
      canvas.line({plot.x, at_share(share)}, {plot.right(), at_share(share)}, kGrid);
      canvas.text({plot.x - 8, at_share(share) + 4}, fmt::format("{:.1f}", share), aligned(kUnderAttackTick, Align::right));
      TextStyle red = aligned(kUnderAttackTick, Align::left);
      red.colour = kShare;
      canvas.text({plot.right() + 8, at_share(share) + 4}, fmt::format("{:.1f}", share), red);
    }
    canvas.line({plot.x, plot.bottom()}, {plot.right(), plot.bottom()}, kAxis);
    double free = plot.x;
    for (const EpsilonTick& tick : ticks_of(points, least, most)) {
      const double at = x(tick.epsilon), half = text_width(tick.label, kUnderAttackTick) / 2;
      canvas.line({at, plot.bottom()}, {at, plot.bottom() + 4}, kAxis);
      if (at - half < free) continue;
      canvas.text({at, plot.bottom() + 18}, tick.label, aligned(kUnderAttackTick, Align::centre));
      free = at + half + 4;
    }
    canvas.text({plot.x + plot.width / 2, plot.bottom() + 36}, "ε, largest change of a pixel", aligned(kUnderAttackTick, Align::centre));

    // The band and the steps: a value holds from the ε before it.
    std::vector<Point> upper, lower, median;
    double from = plot.x;
    for (const AliasingCurvePoint& p : points) {
      const Steps s = steps_of(p, scaling);
      const double to = x(p.epsilon);
      for (const double at : {from, to}) {
        upper.push_back({at, at_share(s.high)});
        lower.push_back({at, at_share(s.low)});
        median.push_back({at, at_share(s.median)});
      }
      from = to;
    }
    std::vector<Point> band = upper;
    band.insert(band.end(), lower.rbegin(), lower.rend());
    canvas.area(band, sheer(kShare, 0.3));
    canvas.path(median, kShare, 1.8);

    std::vector<Point> first, five;
    for (const AliasingCurvePoint& p : points) {
      first.push_back({x(p.epsilon), at_share(p.accuracy)});
      if (std::isfinite(p.top5_accuracy)) five.push_back({x(p.epsilon), at_share(p.top5_accuracy)});
    }
    canvas.path(five, kBlue, 1.5);
    canvas.path(first, kBlue, 1.5);
    for (const Point& p : five) canvas.dot(p, 4, kPaper, kBlue, 1.5);
    for (const Point& p : first) canvas.fill({p.x - 4, p.y - 4, 8, 8}, kBlue);

    Point at{plot.x, plot.y - 16};
    const auto told = [&](std::string_view words, Colour colour, auto&& mark) {
      mark();
      TextStyle style = kUnderAttackWords;
      style.colour = colour;
      canvas.text({at.x + 18, at.y}, words, style);
      at.x += 18 + text_width(words, style) + 18;
    };
    told("top-1 accuracy", kBlue, [&] { canvas.fill({at.x + 4, at.y - 8, 8, 8}, kBlue); });
    if (!five.empty()) told("top-5", kBlue, [&] { canvas.dot({at.x + 8, at.y - 4}, 4, kPaper, kBlue, 1.5); });
    told("aliased or tangled, with 1–99 % band", kShare, [&] {
      canvas.fill({at.x, at.y - 9, 14, 10}, sheer(kShare, 0.3));
      canvas.line({at.x, at.y - 4}, {at.x + 14, at.y - 4}, kShare, 1.8);
    });
  };
  return Figure(kUnderAttackWidth, bottom + 52, fmt::format("Under attack: {}", title), draw);
}

std::string aliasing_under_attack_csv(const AliasingCurve& curve) {
  std::string csv = "epsilon,accuracy,top5_accuracy,median,low,high,contribution_median,contribution_low,contribution_high\n";
  for (const AliasingCurvePoint& p : curve.points)
    csv += fmt::format("{},{},{},{:.6f},{:.6f},{:.6f},{:.6f},{:.6f},{:.6f}\n", p.epsilon, p.accuracy,
                       std::isfinite(p.top5_accuracy) ? fmt::format("{}", p.top5_accuracy) : "", p.median, p.low, p.high,
                       p.contribution_median, p.contribution_low, p.contribution_high);
  return csv;
}

}  // namespace convscope

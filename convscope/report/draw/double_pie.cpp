#include "convscope/report/draw/double_pie.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace convscope {

namespace {

constexpr double kPieWidth = 480, kRadius = 122;
constexpr double kOuterThickness = 0.2, kInnerRadius = 0.8, kInnerThickness = 0.3;  // of the radius
constexpr double kLeastToWrite = 0.12;
constexpr double kLabelStep = 32;  // between labels at the rim, of two lines each

const TextStyle kPieName{.size = 12};
const TextStyle kPercent{.size = 12, .bold = true};
const TextStyle kLayer{.size = 10.5, .align = Align::centre};

/** Around a centre; angles in turns, counter-clockwise from three o'clock. */
struct Ring {
  Point centre;
  double inner, outer;

  Point at(double turns, double radius) const {
    const double angle = 2 * std::numbers::pi * turns;
    return {centre.x + radius * std::cos(angle), centre.y - radius * std::sin(angle)};
  }
  void sector(Canvas& canvas, double from, double to, Colour colour, double edge) const {
    if (to <= from) return;
    constexpr double kStep = 1.0 / 180;
    const int steps = std::max(1, static_cast<int>(std::ceil((to - from) / kStep)));
    std::vector<Point> corners;
    for (int i = 0; i <= steps; ++i) corners.push_back(at(from + (to - from) * i / steps, outer));
    for (int i = steps; i >= 0; --i) corners.push_back(at(from + (to - from) * i / steps, inner));
    canvas.area(corners, colour);
    corners.push_back(corners.front());
    canvas.path(corners, kPaper, edge);
  }
};

/** Words at the rim; one side's must not stand on each other. */
struct RimLabel {
  double turns;
  std::string name, percent;
  Point at = {};
};

void place(std::vector<RimLabel>& labels, const Ring& ring, double top, double bottom) {
  for (RimLabel& label : labels) {
    label.at = ring.at(label.turns, ring.outer + 12);
    label.at.y -= 4 + 6 * std::sin(2 * std::numbers::pi * label.turns);  // the name's base line; its percentage stands below
  }
  for (const bool right : {true, false}) {
    std::vector<RimLabel*> side;
    for (RimLabel& label : labels)
      if ((label.at.x >= ring.centre.x) == right) side.push_back(&label);
    std::stable_sort(side.begin(), side.end(), [](const RimLabel* a, const RimLabel* b) { return a->at.y < b->at.y; });
    for (size_t i = 0; i < side.size(); ++i) side[i]->at.y = std::max(side[i]->at.y, i == 0 ? top : side[i - 1]->at.y + kLabelStep);
    for (size_t i = side.size(); i-- > 0;)
      side[i]->at.y = std::min(side[i]->at.y, i + 1 == side.size() ? bottom : side[i + 1]->at.y - kLabelStep);
  }
}

}  // namespace

Figure double_pie(const Division& division, const FigureWords& words) {
  require(!division.wholes.empty(), "a pie of nothing");
  const double top = heading_height(words.below.size()), height = top + 2 * kRadius + 76;
  const auto draw = [division, words, top, height](Canvas& canvas) {
    draw_heading(canvas, words.title, words.below, kPieWidth);
    const Point centre{kPieWidth / 2, top + 38 + kRadius};
    const Ring outer{centre, (1 - kOuterThickness) * kRadius, kRadius};
    const Ring inner{centre, (kInnerRadius - kInnerThickness) * kRadius, kInnerRadius * kRadius};
    const std::vector<Whole>& all = division.wholes;
    const double count = static_cast<double>(all.size());
    std::vector<RimLabel> labels;
    double from = 0;
    for (size_t k = 0; k < division.parts.size(); ++k) {
      const Part& part = division.parts[k];
      const double share = division.mean[k];
      double begin = from;
      for (size_t i = 0; i < all.size(); ++i) {
        const double own = all[i].shares[k], end = begin + own / count;
        const Colour pale = mix(colour(0xffffff), part.colour, static_cast<double>(i + 1) / (count + 1));
        inner.sector(canvas, begin, end, pale, 0.75);
        const double middle = (inner.inner + inner.outer) / 2, room = 2 * std::numbers::pi * middle * (end - begin);
        if (own > kLeastToWrite && room > text_width(all[i].label, kLayer)) {
          TextStyle style = kLayer;
          style.colour = words_on(pale);
          const Point at = inner.at((begin + end) / 2, middle);
          canvas.text({at.x, at.y + 4}, all[i].label, style);
        }
        begin = end;
      }
      outer.sector(canvas, from, from + share, part.colour, 1.5);
      labels.push_back({from + share / 2, part.name, fmt::format("{:.1f} %", 100 * share)});
      from += share;
    }
    place(labels, outer, top + 14, height - 30);
    for (const RimLabel& label : labels) {
      const bool right = label.at.x >= centre.x;
      const Point rim = outer.at(label.turns, outer.outer + 2);
      // Names begin beside the pie, not over it, wherever the others have pushed them.
      const double nearest = std::clamp(centre.y, label.at.y - 10, label.at.y + 19);
      const double reach = std::sqrt(std::max(0.0, std::pow(kRadius + 8, 2) - std::pow(nearest - centre.y, 2)));
      const double x = right ? std::max(label.at.x, centre.x + reach) : std::min(label.at.x, centre.x - reach);
      canvas.line(rim, {x + (right ? -1 : 1), label.at.y + 4}, kAxis);
      TextStyle name = kPieName, percent = kPercent;
      name.align = percent.align = right ? Align::left : Align::right;
      canvas.text({x + (right ? 2 : -2), label.at.y}, label.name, name);
      canvas.text({x + (right ? 2 : -2), label.at.y + 15}, label.percent, percent);
    }
  };
  return Figure(kPieWidth, height, words.name, draw);
}

}  // namespace convscope

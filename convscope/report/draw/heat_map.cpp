#include "convscope/report/draw/heat_map.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/error.h"
#include "convscope/report/draw/colour_map.h"

namespace convscope {

namespace {

constexpr double kSide = 264, kBetween = 56, kLeft = 44, kBar = 12, kBelow = 92;

const TextStyle kName{.size = 12.5, .bold = true};
const TextStyle kTick{.size = 10.5, .colour = kMuted, .align = Align::centre};
const TextStyle kWords{.size = 11, .colour = kMuted, .align = Align::centre};

Image picture_of(const HeatMap& map) {
  std::vector<float> values;
  for (const double v : map.values) values.push_back(static_cast<float>(std::isfinite(v) ? v : map.low));
  Image picture = coloured(values, map.rows, map.columns, {ColourMap::inferno, map.low, map.high});
  constexpr uint8_t kNotKnown = 215;  // a grey that the colours do not have
  for (size_t i = 0; i < map.values.size(); ++i)
    if (!std::isfinite(map.values[i]))
      for (size_t c = 0; c < 3; ++c) picture.pixels[c * map.values.size() + i] = kNotKnown;
  return picture;
}

/** Ticks at both ends and in the middle of an axis of so many cells. */
void draw_ticks(int64_t cells, int64_t step, const std::function<void(double share, const std::string& label)>& draw) {
  const int64_t reach = (cells - 1) / 2 * step;
  for (const auto& [place, value] : {std::pair{int64_t{0}, -reach}, {(cells - 1) / 2, int64_t{0}}, {cells - 1, reach}}) {
    if (cells == 1 && value != 0) continue;
    draw((static_cast<double>(place) + 0.5) / static_cast<double>(cells),
         value < 0 ? fmt::format("−{}", -value) : fmt::format("{}", value));
  }
}

void draw_map(Canvas& canvas, const HeatMap& map, double x, double top) {
  const double scale = kSide / static_cast<double>(std::max(map.rows, map.columns));
  const Box box{x + kLeft, top, static_cast<double>(map.columns) * scale, static_cast<double>(map.rows) * scale};
  canvas.text({box.x, top - 9}, fitted(map.name, kName, kSide + kBetween - 12), kName);
  canvas.image(box, picture_of(map));
  canvas.outline(box, kAxis);
  draw_ticks(map.columns, map.step, [&](double share, const std::string& label) {
    canvas.text({box.x + share * box.width, box.bottom() + 15}, label, kTick);
  });
  draw_ticks(map.rows, map.step, [&](double share, const std::string& label) {
    canvas.text({box.x - 6, box.y + share * box.height + 4}, label, aligned(kTick, Align::right));
  });
  canvas.text({box.x + box.width / 2, box.bottom() + 31}, map.right, kWords);
  TextStyle turned = kWords;
  turned.turn = -90;
  canvas.text({x + 12, box.y + box.height / 2}, map.down, turned);

  const Box bar{box.x, top + kSide + 46, kSide, kBar};
  constexpr int64_t kSteps = 64;
  std::vector<float> steps(kSteps);
  for (size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<float>(i) / (kSteps - 1);
  canvas.image(bar, coloured(steps, 1, kSteps, {ColourMap::inferno, 0, 1}));
  canvas.outline(bar, kAxis);
  canvas.text({bar.x, bar.bottom() + 15}, map.low_label, aligned(kTick, Align::left));
  canvas.text({bar.right(), bar.bottom() + 15}, map.high_label, aligned(kTick, Align::right));
}

}  // namespace

Figure heat_maps(std::span<const HeatMap> maps, const FigureWords& words) {
  require(!maps.empty(), "no map to draw");
  for (const HeatMap& map : maps)
    require(map.rows >= 1 && map.columns >= 1 && std::ssize(map.values) == map.rows * map.columns, "map '{}': {} values for {} × {}",
            map.name, map.values.size(), map.rows, map.columns);
  const double count = static_cast<double>(maps.size());
  const double width = std::max(2 * kFigureMargin + count * (kLeft + kSide) + (count - 1) * kBetween, 560.0);
  const double top = heading_height(words.below.size()) + 34;
  const auto draw = [all = std::vector<HeatMap>(maps.begin(), maps.end()), words, width, top](Canvas& canvas) {
    draw_heading(canvas, words.title, words.below, width);
    double x = kFigureMargin;
    for (const HeatMap& map : all) {
      draw_map(canvas, map, x, top);
      x += kLeft + kSide + kBetween;
    }
  };
  return Figure(width, top + kSide + kBelow, words.name, draw);
}

}  // namespace convscope

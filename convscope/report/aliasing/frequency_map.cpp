#include "convscope/report/aliasing/frequency_map.h"

#include <cmath>

#include "convscope/report/aliasing/aliasing_category.h"
#include "convscope/report/draw/chart.h"

namespace convscope {

namespace {

constexpr double kFrequencyMapSide = 232, kFrequencyMapBetween = 24, kFrequencyMapBar = 14;

const TextStyle kFrequencyMapName{.size = 12, .align = Align::centre};
const TextStyle kBarName{.size = 10.5, .align = Align::centre};

const AliasingCategory& category_of(float level) {
  for (const AliasingCategory& c : kAliasingCategories)
    if (static_cast<float>(c.level) == level) return c;
  fail("a map of frequencies holds {}; 0, 1, 2 or 3 was wanted", level);
}

void draw_bar(Canvas& canvas, const Box& bar) {
  const double part = bar.width / static_cast<double>(std::size(kNoPassFirst));
  double x = bar.x;
  for (const size_t i : kNoPassFirst) {
    const AliasingCategory& c = kAliasingCategories[i];
    canvas.fill({x, bar.y, part, bar.height}, c.colour);
    canvas.text({x + part / 2, bar.bottom() + 15}, c.name, kBarName);
    x += part;
  }
  canvas.outline(bar, kAxis);
}

}  // namespace

Image frequency_image(const Tensor& levels) {
  require(levels.shape().rank() == 2, "a map of frequencies has rows and columns; got {}", levels.shape());
  const int64_t plane = levels.size();
  Image image{3, levels.shape()[0], levels.shape()[1], std::vector<uint8_t>(static_cast<size_t>(3 * plane))};
  for (int64_t i = 0; i < plane; ++i) {
    const Colour c = category_of(levels[i]).colour;
    int64_t channel = 0;
    for (const double share : {c.red, c.green, c.blue})
      image.pixels[static_cast<size_t>(channel++ * plane + i)] = static_cast<uint8_t>(std::lround(255 * share));
  }
  return image;
}

Figure frequency_maps(std::span<const FrequencyMap> maps, std::string_view title, std::string_view subtitle) {
  require(!maps.empty(), "no map of frequencies to draw");
  const double count = static_cast<double>(maps.size());
  const double room = std::max(count * kFrequencyMapSide + (count - 1) * kFrequencyMapBetween, 400.0), width = room + 2 * kFigureMargin;
  const double top = heading_height(1) + 24, bottom = top + kFrequencyMapSide;
  const auto draw = [all = std::vector<FrequencyMap>(maps.begin(), maps.end()), title = std::string(title), below = std::string(subtitle),
                     width, room, top, bottom](Canvas& canvas) {
    draw_heading(canvas, title, std::span(&below, 1), width);
    double x = kFigureMargin;
    for (const FrequencyMap& map : all) {
      const double rows = static_cast<double>(map.levels.shape()[0]), columns = static_cast<double>(map.levels.shape()[1]);
      const double scale = kFrequencyMapSide / std::max(rows, columns);
      const Box box{x + (kFrequencyMapSide - columns * scale) / 2, top + (kFrequencyMapSide - rows * scale) / 2, columns * scale,
                    rows * scale};
      canvas.text({x + kFrequencyMapSide / 2, top - 8}, fitted(map.name, kFrequencyMapName, kFrequencyMapSide), kFrequencyMapName);
      canvas.image(box, frequency_image(map.levels));
      canvas.outline(box, kAxis);
      x += kFrequencyMapSide + kFrequencyMapBetween;
    }
    draw_bar(canvas, {kFigureMargin, bottom + 18, room, kFrequencyMapBar});
  };
  return Figure(width, bottom + 18 + kFrequencyMapBar + 30, fmt::format("Frequencies: {}", title), draw);
}

}  // namespace convscope

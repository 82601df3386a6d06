#include "convscope/report/attack/attack_pairs.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "convscope/report/draw/chart.h"
#include "convscope/results/attack_summary.h"

namespace convscope {

namespace {

constexpr double kPairsLongestName = 150, kPairsLeastWidth = 400;
constexpr size_t kMostClasses = 40, kMostPercentages = 20;
const TextStyle kPairsAxisTitle{.size = 11.5, .bold = true};
const TextStyle kPairsName{.size = 11.5};

double widest(const std::vector<std::string>& names) {
  double width = 0;
  for (const std::string& name : names) width = std::max(width, text_width(name, kPairsName));
  return width;
}

std::vector<std::string> shortened(std::vector<std::string> names) {
  for (std::string& name : names) name = fitted(printable(name), kPairsName, kPairsLongestName);
  return names;
}

}  // namespace

std::optional<Figure> attack_pairs(const AttackRecord& record, bool titled) {
  const AttackPairs pairs = attack_pair_table(record);
  const size_t rows = pairs.from.size(), columns = pairs.to.size();
  if (rows == 0 || std::max(rows, columns) > kMostClasses) return std::nullopt;
  std::vector<std::vector<double>> rates(rows, std::vector<double>(columns, NAN));
  for (size_t y = 0; y < rows; ++y)
    for (size_t x = 0; x < columns; ++x)
      if (pairs.cells[y][x] && pairs.cells[y][x]->attempts > 0) rates[y][x] = pairs.cells[y][x]->rate;

  const std::vector<std::string> from = shortened(pairs.from), to = shortened(pairs.to);
  const bool percentages = std::max(rows, columns) <= kMostPercentages;
  const double cell = percentages ? 40 : 15, name_width = widest(to);
  const bool slanted = name_width > cell - 6;
  const double above = slanted ? name_width * std::numbers::sqrt2 / 2 + 12 : 18, head = titled ? 96 : 36;
  const Box matrix{std::ceil(kFigureMargin + 22 + widest(from) + 8), std::ceil(head + above), cell * static_cast<double>(columns),
                   cell * static_cast<double>(rows)};
  const double width = std::max(kPairsLeastWidth, matrix.right() + (slanted ? name_width * std::numbers::sqrt2 / 2 : 0) + kFigureMargin);
  const double height = matrix.bottom() + 44;
  const bool aimed = aims(record);
  const std::string title = attack_name(record), about = fmt::format("{} on {}", record.network.name, record.data.text());

  return Figure(width, height, fmt::format("Pairs of classes: {}", title), [=](Canvas& canvas) {
    const double room = width - 2 * kFigureMargin;
    if (titled) {
      canvas.text({kFigureMargin, 36}, fitted(title, kFigureTitle, room), kFigureTitle);
      canvas.text({kFigureMargin, 56}, fitted(about, kSubtitle, room), kSubtitle);
    }
    TextStyle axis = kPairsAxisTitle;
    canvas.text({matrix.x, titled ? 84.0 : 24.0}, aimed ? "aimed at →" : "taken for →", axis);
    axis.turn = -90;
    axis.align = Align::right;
    canvas.text({kFigureMargin + 10, matrix.y}, "← true", axis);
    for (size_t y = 0; y < rows; ++y)
      for (size_t x = 0; x < columns; ++x) {
        const Box box{matrix.x + static_cast<double>(x) * cell, matrix.y + static_cast<double>(y) * cell, cell, cell};
        const double rate = rates[y][x];
        const Colour shade = std::isnan(rate) || rate == 0 ? sheer(kInk, 0.03) : sheer(kOrange, std::round(25 * (0.1 + 0.9 * rate)) / 25);
        canvas.fill(box.grown(-0.5), shade);
        if (!percentages || std::isnan(rate)) continue;
        const bool on_dark = rate > 0 && brightness(mix(kPaper, kOrange, shade.alpha)) < 0.55;
        canvas.text({box.x + cell / 2, std::round(box.y + cell / 2 + 4)}, fmt::format("{:.0f}", 100 * rate),
                    {.size = 11, .colour = on_dark ? kPaper : kInk, .align = Align::centre});
      }
    TextStyle row = kPairsName, column = kPairsName;
    row.align = Align::right;
    column.align = slanted ? Align::left : Align::centre;
    column.turn = slanted ? -45 : 0;
    const auto middle = [&](size_t i) { return (static_cast<double>(i) + 0.5) * cell; };
    for (size_t y = 0; y < rows; ++y) canvas.text({matrix.x - 8, matrix.y + middle(y) + 4}, from[y], row);
    for (size_t x = 0; x < columns; ++x) canvas.text({matrix.x + middle(x) + (slanted ? 4 : 0), matrix.y - 7}, to[x], column);
    canvas.text({std::min(matrix.x, width - kFigureMargin - 260), matrix.bottom() + 24},
                aimed ? "percent of a cell's attempts that reached it" : "percent of a class's images", kSubtitle);
  });
}

}  // namespace convscope

#include "convscope/report/evaluation/confusion_matrix.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "convscope/base/join.h"
#include "convscope/report/draw/chart.h"
#include "convscope/results/confusions.h"

namespace convscope {

namespace {

constexpr double kConfusionLeastWidth = 460;
constexpr double kConfusionLongestName = 150;
constexpr size_t kMostCounts = 30;  // classes

const TextStyle kConfusionAxisTitle{.size = 11.5, .bold = true};

/** Sizes that depend on the number of classes and their names. */
struct Layout {
  size_t classes = 0;
  double cell = 0;
  bool names = false;
  bool counts = false;
  bool slanted = false;  // names above columns that are wider than a column
  TextStyle name;
  TextStyle count;
  std::vector<std::string> labels;
  double widest = 0;
  Box matrix;
  double width = 0, height = 0;
};

Layout layout_of(const Evaluation& e, bool headed) {
  Layout l;
  l.classes = e.classes.size();
  l.names = l.classes <= kMostNamedClasses;
  l.counts = l.classes <= kMostCounts;

  double widest_count = 0;
  l.count = {.size = l.classes <= 12 ? 11.5 : 9.5, .align = Align::centre};
  for (const auto& row : e.confusion)
    widest_count = std::max(widest_count, text_width(std::to_string(*std::max_element(row.begin(), row.end())), l.count));
  if (l.counts) {
    l.cell = std::max({std::ceil(widest_count) + 10, l.classes <= 12 ? 40.0 : 24.0, l.classes <= 4 ? 64.0 : 0.0});
  } else {
    l.cell = l.names ? 13 : std::max(1.0, std::floor(560.0 / static_cast<double>(l.classes)));
  }
  l.name = {.size = l.counts ? 11.5 : 10.0};
  for (const std::string& name : e.classes) {
    l.labels.push_back(fitted(name, l.name, kConfusionLongestName));
    l.widest = std::max(l.widest, text_width(l.labels.back(), l.name));
  }
  l.slanted = l.widest > l.cell - 6;

  const double side = l.cell * static_cast<double>(l.classes);
  const double above = !l.names ? 0 : l.slanted ? l.widest * std::numbers::sqrt2 / 2 + 12 : 18;
  const double overhang = l.names && l.slanted ? l.widest * std::numbers::sqrt2 / 2 : 0;
  const double shares = l.names ? 52 : 0;
  l.matrix = {std::ceil(kFigureMargin + 22 + (l.names ? l.widest + 8 : 0)), std::ceil((headed ? 96 : 36) + above), side, side};
  l.width = std::max({kConfusionLeastWidth, l.matrix.right() + std::max(shares, overhang) + kFigureMargin});
  l.height = l.matrix.bottom() + (l.names ? 62 : 44);
  return l;
}

/**
 * Shares of rows; what is right in blue, errors in orange on their own scale. Colours let the paper through, so that they are as good on
 * dark paper; there are few of them, so that cells can be drawn together.
 */
class Shading {
 public:
  explicit Shading(const Evaluation& e) {
    for (const auto& row : e.confusion) {
      int64_t sum = 0;
      for (const int64_t count : row) sum += count;
      sums_.push_back(static_cast<double>(std::max<int64_t>(sum, 1)));
    }
    for (size_t y = 0; y < e.confusion.size(); ++y)
      for (size_t x = 0; x < e.confusion.size(); ++x)
        if (x != y) largest_error_ = std::max(largest_error_, static_cast<double>(e.confusion[y][x]) / sums_[y]);
  }
  Colour of(size_t y, size_t x, int64_t count) const {
    const double of_row = share(y, count);
    if (count == 0) return sheer(kInk, 0.03);
    if (x == y) return sheer(kBlue, step(0.11 + 0.89 * of_row));
    return sheer(kOrange, step(0.1 + 0.9 * std::pow(of_row / largest_error_, 0.7) * std::min(1.0, 0.35 + 2 * largest_error_)));
  }
  double share(size_t y, int64_t count) const { return static_cast<double>(count) / sums_[y]; }

 private:
  static double step(double alpha) { return std::round(25 * alpha) / 25; }

  std::vector<double> sums_;
  double largest_error_ = 0;
};

Colour on_paper(Colour c) { return mix(kPaper, sheer(c, 1), c.alpha); }

void draw_cells(Canvas& canvas, const Evaluation& e, const Layout& l, const Shading& shading) {
  if (!l.names) {  // too many for boxes of their own
    const auto side = static_cast<int64_t>(l.classes);
    Tensor colours(Shape{3, side, side});
    for (size_t y = 0; y < l.classes; ++y) {
      for (size_t x = 0; x < l.classes; ++x) {
        const Colour c = on_paper(shading.of(y, x, e.confusion[y][x]));
        const int64_t at = static_cast<int64_t>(y) * side + static_cast<int64_t>(x);
        colours[at] = static_cast<float>(c.red);
        colours[at + side * side] = static_cast<float>(c.green);
        colours[at + 2 * side * side] = static_cast<float>(c.blue);
      }
    }
    canvas.image(l.matrix, to_image(colours));
    return;
  }
  struct Cell {
    Box box;
    Colour colour;
    int64_t count;
  };
  std::vector<Cell> cells;
  for (size_t y = 0; y < l.classes; ++y)
    for (size_t x = 0; x < l.classes; ++x)
      cells.push_back({{l.matrix.x + static_cast<double>(x) * l.cell, l.matrix.y + static_cast<double>(y) * l.cell, l.cell, l.cell},
                       shading.of(y, x, e.confusion[y][x]),
                       e.confusion[y][x]});
  std::stable_sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return std::pair(a.colour.red, a.colour.alpha) < std::pair(b.colour.red, b.colour.alpha);
  });

  const double gap = l.counts ? 1 : 0.5;
  for (const Cell& cell : cells) canvas.fill(cell.box.grown(-gap / 2), cell.colour);
  if (!l.counts) return;
  for (const bool on_dark : {false, true}) {
    TextStyle style = l.count;
    style.colour = on_dark ? kPaper : kInk;
    for (const Cell& cell : cells)
      if (cell.count > 0 && (brightness(on_paper(cell.colour)) < 0.55) == on_dark)
        canvas.text({cell.box.x + l.cell / 2, std::round(cell.box.y + l.cell / 2 + 0.36 * style.size)}, std::to_string(cell.count), style);
  }
}

void draw_names(Canvas& canvas, const Evaluation& e, const Layout& l, const Shading& shading) {
  TextStyle row = l.name, column = l.name, share = l.name;
  row.align = Align::right;
  column.align = l.slanted ? Align::left : Align::centre;
  column.turn = l.slanted ? -45 : 0;
  share.colour = kMuted;
  const auto middle = [&](size_t i) { return (static_cast<double>(i) + 0.5) * l.cell; };
  const auto base_line = [&](size_t i) { return l.matrix.y + middle(i) + 0.36 * l.name.size; };
  for (size_t i = 0; i < l.classes; ++i) canvas.text({l.matrix.x - 8, base_line(i)}, l.labels[i], row);
  for (size_t i = 0; i < l.classes; ++i) canvas.text({l.matrix.x + middle(i) + (l.slanted ? 4 : 0), l.matrix.y - 7}, l.labels[i], column);
  for (size_t i = 0; i < l.classes; ++i)
    canvas.text({l.matrix.right() + 8, base_line(i)}, fmt::format("{:.1f} %", 100 * shading.share(i, e.confusion[i][i])), share);
}

}  // namespace

Figure confusion_matrix(const Evaluation& evaluation, std::string_view title) {
  require(!evaluation.classes.empty() && evaluation.classes.size() == evaluation.confusion.size(),
          "a confusion matrix of {} rows for {} classes", evaluation.confusion.size(), evaluation.classes.size());
  for (const auto& row : evaluation.confusion)
    require(row.size() == evaluation.classes.size(), "a confusion matrix with a row of {} numbers for {} classes", row.size(),
            evaluation.classes.size());
  const Evaluation e = with_classes_that_occur(evaluation, kMostNamedClasses);
  const bool headed = !title.empty();
  const Layout l = layout_of(e, headed);

  const auto draw = [e, l, headed, title = std::string(title)](Canvas& canvas) {
    const Shading shading(e);
    const double room = l.width - 2 * kFigureMargin;
    const std::string accuracy = fmt::format(": {:.2f} %", 100 * e.accuracy);
    if (headed) {
      canvas.text({kFigureMargin, 36}, fitted(title, kFigureTitle, room - text_width(accuracy, kFigureTitle)) + accuracy, kFigureTitle);
      canvas.text({kFigureMargin, 56},
                  fmt::format("{} of {} right; 95 % interval {:.2f} to {:.2f} %", e.correct, e.total, 100 * e.accuracy_interval_95[0],
                              100 * e.accuracy_interval_95[1]),
                  kSubtitle);
    }
    TextStyle axis = kConfusionAxisTitle;
    canvas.text({l.matrix.x, headed ? 84.0 : 24.0}, "predicted →", axis);
    axis.turn = -90;
    axis.align = Align::right;
    canvas.text({kFigureMargin + 10, l.matrix.y}, "← true", axis);
    draw_cells(canvas, e, l, shading);
    if (l.names) draw_names(canvas, e, l, shading);
    double foot = l.matrix.bottom() + 24;
    for (const std::string_view words :
         {"blue: right · orange: wrong, stronger: more often", "percentages: share of the class that is right"}) {
      canvas.text({std::min(l.matrix.x, l.width - kFigureMargin - text_width(words, kSubtitle)), foot}, words, kSubtitle);
      foot += 17;
      if (!l.names) break;
    }
  };
  return Figure(l.width, l.height, fmt::format("Confusion matrix: {}", title), draw);
}

std::optional<Box> confusion_cells(const Evaluation& evaluation, std::string_view title) {
  const Layout l = layout_of(with_classes_that_occur(evaluation, kMostNamedClasses), !title.empty());
  return l.names ? std::optional(l.matrix) : std::nullopt;
}

void write_confusion_matrix(const Path& folder, const Evaluation& evaluation, std::string_view title) {
  write_figure(folder, "confusion-matrix", confusion_matrix(evaluation, title));
  const auto quoted = [](std::string_view name) {
    std::string cell = "\"";
    for (const char c : name) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
    return cell + "\"";
  };
  std::string csv = "\"true \\ predicted\"";
  for (const std::string& name : evaluation.classes) csv += "," + quoted(name);
  for (size_t y = 0; y < evaluation.classes.size(); ++y)
    csv += fmt::format("\n{},{}", quoted(evaluation.classes[y]), join(evaluation.confusion[y], ","));
  write_file(folder / "confusion-matrix.csv", csv + "\n");
}

}  // namespace convscope

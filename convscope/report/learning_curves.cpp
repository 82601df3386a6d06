#include "convscope/report/learning_curves.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "convscope/report/axis.h"

namespace convscope {

namespace {

constexpr double kMargin = 24;
constexpr double kBetweenPanels = 28;
constexpr double kPlotTop = 112;
constexpr double kBelowPlot = 52;  // tick labels and the word "epoch"
constexpr double kLabelGap = 9;    // from a line's end to its label
constexpr double kLabelHeight = 15;
constexpr int64_t kFewEpochs = 12;  // up to here each epoch has its dot

const TextStyle kTitle{.size = 17, .bold = true};
const TextStyle kSubtitle{.size = 12, .colour = kMuted};
const TextStyle kHeading{.size = 13, .bold = true};
const TextStyle kTickLabel{.size = 11, .colour = kMuted};
const TextStyle kLineLabel{.size = 12};

struct Value {
  double epoch;
  double value;  // NaN breaks the line
};

/** One line with its words. */
struct Series {
  std::string end_label;
  Colour colour;
  double width;
  std::vector<Value> values;

  const Value* last() const {
    for (auto v = values.rbegin(); v != values.rend(); ++v)
      if (std::isfinite(v->value)) return &*v;
    return nullptr;
  }
};

struct Best {
  Value at;
  std::string label;
  Colour colour;
};

struct Panel {
  std::string heading;
  std::vector<Series> series;  // the later is drawn above
  Axis values;
  std::optional<Best> best;
};

/** Three digits that count. */
std::string short_number(double v) {
  if (v == 0) return "0";
  const int power = static_cast<int>(std::floor(std::log10(std::abs(v))));
  if (power < -4 || power > 4) return fmt::format("{:.1f} · {}", v / std::pow(10.0, power), power_of_ten(power));
  return fmt::format("{:.{}f}", v, std::max(0, 2 - power));
}

std::string percent(double v) { return fmt::format("{:.2f} %", v); }

/** Smallest and largest finite value of all lines, of those above `floor`. */
std::optional<std::pair<double, double>> range(const std::vector<Series>& all, double floor = -INFINITY) {
  std::optional<std::pair<double, double>> ends;
  for (const Series& s : all)
    for (const Value& v : s.values)
      if (std::isfinite(v.value) && v.value > floor)
        ends = ends ? std::pair(std::min(ends->first, v.value), std::max(ends->second, v.value)) : std::pair(v.value, v.value);
  return ends;
}

Series train_series(std::span<const EpochMetrics> metrics, double EpochMetrics::*member, double scale) {
  Series s{"train", kOrange, 1.6, {}};
  for (const EpochMetrics& m : metrics) s.values.push_back({static_cast<double>(m.epoch), scale * m.*member});
  return s;
}

Series test_series(std::span<const EpochMetrics> metrics, double EpochMetrics::*member, double scale) {
  Series s{"test", kBlue, 2.2, {}};
  for (const EpochMetrics& m : metrics)
    if (was_tested(m)) s.values.push_back({static_cast<double>(m.epoch), scale * m.*member});
  return s;
}

Panel loss_panel(std::span<const EpochMetrics> metrics, LearningCurvesOptions::LossScale scale) {
  using Scale = LearningCurvesOptions::LossScale;
  Panel panel{"Loss",
              {train_series(metrics, &EpochMetrics::train_loss, 1), test_series(metrics, &EpochMetrics::test_loss, 1)},
              Axis::linear(0, 1, 5),
              std::nullopt};
  for (Series& s : panel.series)
    if (const Value* v = s.last()) s.end_label += " " + short_number(v->value);

  const auto ends = range(panel.series), positive = range(panel.series, 0);
  const bool wide = positive && positive->second / positive->first > 100;
  if (positive && (scale == Scale::logarithmic || (scale == Scale::automatic && wide))) {
    panel.heading += ", logarithmic";
    panel.values = Axis::logarithmic(positive->first, positive->second, 6);
    for (Series& s : panel.series)
      for (Value& v : s.values)
        if (v.value <= 0) v.value = kUnknown;  // has no place here
  } else if (ends) {
    // Zero is the aim of a loss, so it is shown unless that would flatten the lines.
    const bool near_zero = ends->first >= 0 && ends->first < 0.5 * ends->second;
    panel.values = Axis::linear(near_zero ? 0 : ends->first, ends->second, 5);
  }
  return panel;
}

Panel accuracy_panel(std::span<const EpochMetrics> metrics) {
  Panel panel{"Accuracy, %",
              {train_series(metrics, &EpochMetrics::train_accuracy, 100), test_series(metrics, &EpochMetrics::test_accuracy, 100)},
              Axis::linear(0, 100, 5),
              std::nullopt};
  for (Series& s : panel.series)
    if (const Value* v = s.last()) s.end_label += " " + percent(v->value);
  if (const auto ends = range(panel.series)) {
    const double room = ends->first == ends->second ? 5 : 0;
    panel.values = Axis::linear(std::max(0.0, ends->first - room), std::min(100.0, std::max(ends->second, ends->first + room)), 5);
  }

  if (const EpochMetrics* best = best_epoch(metrics)) {
    Series& test = panel.series[1];
    const double value = 100 * best->test_accuracy;
    const bool is_last = test.last()->epoch == static_cast<double>(best->epoch);
    if (is_last) {
      test.end_label += ", best";
    } else {
      panel.best = {
          {static_cast<double>(best->epoch), value}, fmt::format("best on test {}, epoch {}", percent(value), best->epoch), kBlue};
    }
  }
  return panel;
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

/** A panel with its place on the page. */
class Plot {
 public:
  Plot(const Panel& panel, const Axis& epochs, bool dots, const Box& room) : panel_(panel), epochs_(epochs), dots_(dots) {
    double left = 0, right = 0;
    for (const auto& tick : panel.values.ticks()) left = std::max(left, text_width(tick.label, kTickLabel));
    for (const Series& s : panel.series)
      if (s.last()) right = std::max(right, text_width(s.end_label, kLineLabel));
    plot_ = {room.x + std::ceil(left) + 8, room.y, 0, room.height};
    plot_.width = room.right() - std::ceil(right) - kLabelGap - plot_.x;
    heading_x_ = room.x;
  }

  void draw(Canvas& canvas) const {
    canvas.text({heading_x_, plot_.y - 20}, panel_.heading, kHeading);
    draw_axes(canvas);
    const bool empty = std::none_of(panel_.series.begin(), panel_.series.end(), [](const Series& s) { return s.last(); });
    if (empty) {
      TextStyle style = kSubtitle;
      style.align = Align::centre;
      canvas.text({plot_.x + plot_.width / 2, plot_.y + plot_.height / 2}, "no numbers", style);
      return;
    }
    for (const Series& s : panel_.series) draw_line(canvas, s);
    if (panel_.best) draw_best(canvas, *panel_.best);
    draw_ends(canvas);
  }

 private:
  Point place(const Value& v) const {
    return {plot_.x + epochs_.at(v.epoch) * plot_.width, plot_.bottom() - panel_.values.at(v.value) * plot_.height};
  }

  void draw_axes(Canvas& canvas) const {
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
    canvas.text({plot_.x + plot_.width / 2, plot_.bottom() + 36}, "epoch", label);
  }

  /** Pieces between gaps. */
  std::vector<std::vector<Point>> pieces(const Series& s) const {
    std::vector<std::vector<Point>> all;
    bool open = false;
    for (const Value& v : s.values) {
      if (std::isfinite(v.value)) {
        if (!open) all.emplace_back();
        all.back().push_back(place(v));
      }
      open = std::isfinite(v.value);
    }
    return all;
  }

  void draw_line(Canvas& canvas, const Series& s) const {
    for (const auto& piece : pieces(s)) {
      canvas.path(piece, s.colour, s.width);
      if (dots_ || piece.size() == 1)
        for (const Point& p : piece) canvas.dot(p, 2.6, s.colour, kPaper, 1);
    }
  }

  void draw_ends(Canvas& canvas) const {
    std::vector<const Series*> ending;
    std::vector<double> heights;
    for (const Series& s : panel_.series) {
      const Value* v = s.last();
      if (!v) continue;
      ending.push_back(&s);
      heights.push_back(place(*v).y);
      canvas.dot(place(*v), 3.4, s.colour, kPaper, 1.2);
    }
    heights = apart(heights, plot_.y, plot_.bottom() - 3);
    for (size_t i = 0; i < ending.size(); ++i) {
      TextStyle style = kLineLabel;
      style.colour = ending[i]->colour;
      const double end = place(*ending[i]->last()).x;
      style.halo = end < plot_.right() - 1;  // a line that ended early; others may pass there
      canvas.text({end + kLabelGap, heights[i] + 4}, ending[i]->end_label, style);
    }
  }

  /** How much of the box lies upon lines, in pixels along them; outside the plot counts heavily. */
  double crowding(const Box& box) const {
    double crowd = 0;
    if (box.x < plot_.x || box.right() > plot_.right() || box.y < plot_.y - 2 || box.bottom() > plot_.bottom() - 2) crowd += 1e6;
    const Box around = box.grown(3);
    for (const Series& s : panel_.series) {
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
  void draw_best(Canvas& canvas, const Best& best) const {
    const Point ring = place(best.at);
    TextStyle style = kLineLabel;
    style.colour = best.colour;
    style.halo = true;
    const double width = text_width(best.label, style), ascent = 0.76 * style.size, height = style.size;

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
    canvas.line({ring.x, ring.y + (below ? 5 : -5)}, knot, mix(kPaper, best.colour, 0.6), 1);
    canvas.dot(ring, 4.2, kPaper, best.colour, 1.8);
    canvas.text({words.x, words.y + ascent}, best.label, style);
  }

  const Panel& panel_;
  const Axis& epochs_;
  bool dots_;
  Box plot_;
  double heading_x_;
};

}  // namespace

Figure learning_curves(std::span<const EpochMetrics> metrics, std::string_view title, std::string_view subtitle,
                       const LearningCurvesOptions& options) {
  require(!metrics.empty(), "learning curves of no epochs: there is nothing to draw; train for an epoch first");
  for (size_t i = 1; i < metrics.size(); ++i)
    require(metrics[i - 1].epoch < metrics[i].epoch, "learning curves: epoch {} comes after epoch {}", metrics[i].epoch,
            metrics[i - 1].epoch);
  require(options.width >= 480 && options.height >= 240, "learning curves of {} x {}; at least 480 x 240 are needed", options.width,
          options.height);

  const Panel loss = loss_panel(metrics, options.loss_scale), accuracy = accuracy_panel(metrics);
  const Axis epochs = Axis::counting(metrics.front().epoch, metrics.back().epoch, options.width > 700 ? 10 : 4);
  const bool dots = static_cast<int64_t>(metrics.size()) <= kFewEpochs;

  const auto draw = [=, title = std::string(title), subtitle = std::string(subtitle)](Canvas& canvas) {
    const double room = options.width - 2 * kMargin;
    canvas.text({kMargin, 36}, fitted(title, kTitle, room), kTitle);
    canvas.text({kMargin, 56}, fitted(subtitle, kSubtitle, room), kSubtitle);
    const double width = (room - kBetweenPanels) / 2, height = options.height - kPlotTop - kBelowPlot;
    Plot(loss, epochs, dots, {kMargin, kPlotTop, width, height}).draw(canvas);
    Plot(accuracy, epochs, dots, {kMargin + width + kBetweenPanels, kPlotTop, width, height}).draw(canvas);
  };
  return Figure(options.width, options.height, fmt::format("Learning curves: {}", title), draw);
}

void write_learning_curves(const Path& folder, std::span<const EpochMetrics> metrics, std::string_view title, std::string_view subtitle) {
  write_figure(folder, "learning-curves", learning_curves(metrics, title, subtitle));
  write_file(folder / "learning-curves.csv", metrics_csv(metrics));
}

}  // namespace convscope

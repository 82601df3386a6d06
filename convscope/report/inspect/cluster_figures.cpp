#include "convscope/report/inspect/cluster_figures.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "convscope/report/draw/chart.h"
#include "convscope/report/draw/class_colour.h"
#include "convscope/results/clusters_summary.h"
#include "convscope/tensor/resize.h"

namespace convscope {

namespace {

constexpr double kClustersTop = 84, kClustersLegend = 150;
constexpr double kMapWidth = 620, kMapHeight = 500, kClustersLeastWidth = 440;
constexpr int64_t kCellColumns = 31, kCellRows = 25;  // of the map of pictures: squares of 20
constexpr size_t kMostNamed = 24;                     // classes in a legend

const TextStyle kClustersName{.size = 11};
const TextStyle kClustersNumber{.size = 10, .colour = kMuted};

void heading(Canvas& canvas, const ClustersRecord& record, const std::string& title, const std::string& more, double width) {
  const double room = width - 2 * kFigureMargin;
  canvas.text({kFigureMargin, kFigureMargin + 12}, fitted(title, kSheetTitle, room), kSheetTitle);
  canvas.text({kFigureMargin, kFigureMargin + 30},
              fitted(fmt::format("{}; {} images of {}", record.about, record.images, record.data.text()), kSubtitle, room), kSubtitle);
  canvas.text({kFigureMargin, kFigureMargin + 46}, fitted(fmt::format("{}; {}", record.network.name, more), kClustersNumber, room),
              kClustersNumber);
}

void legend(Canvas& canvas, const ClustersRecord& record, double x, double y) {
  for (size_t c = 0; c < std::min(record.classes.size(), kMostNamed); ++c) {
    const double line = y + 18 * static_cast<double>(c);
    canvas.dot({x + 5, line}, 4.5, class_colour(static_cast<int64_t>(c)), kPaper, 0.5);
    canvas.text({x + 16, line + 4}, fitted(record.classes[c], kClustersName, kClustersLegend - 20), kClustersName);
  }
}

/** Middle of what is to be shown, and the width it takes; the same scale both ways, so that distances can be compared. */
struct View {
  double x = 0, y = 0, scale = 1, width = 0, height = 0;
};

/** From `low` to `high`: all of them, or where a few lie far out, the middle 90 % and half their extent on either side. */
std::pair<double, double> extent(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t far = values.size() / 20;
  const double low = values[far], high = values[values.size() - 1 - far], more = (high - low) / 2;
  return {std::max(values.front(), low - more), std::min(values.back(), high + more)};
}

View view_of(const ClusterPoints& points, double width, double height) {
  if (points.x.empty()) return {};
  const auto [left, right] = extent(points.x);
  const auto [low, high] = extent(points.y);
  const double across = right - left, up = high - low;
  const double fitting = std::min(across > 0 ? width / across : HUGE_VAL, up > 0 ? height / up : HUGE_VAL);
  const double scale = std::isfinite(fitting) ? fitting : 1;
  return {(left + right) / 2, (low + high) / 2, scale, across * scale, up * scale};
}

/** Upwards is positive; as wide as the points need it, in the middle of the height. What lies farther out stands at the rim. */
std::vector<Point> placed(const ClusterPoints& points, double width, double height, Point corner) {
  const View view = view_of(points, width, height);
  std::vector<Point> places;
  for (size_t i = 0; i < points.x.size(); ++i)
    places.push_back({corner.x + view.width / 2 + std::clamp((points.x[i] - view.x) * view.scale, -view.width / 2, view.width / 2),
                      corner.y + height / 2 - std::clamp((points.y[i] - view.y) * view.scale, -view.height / 2, view.height / 2)});
  return places;
}

/** What the map's directions are, and how many images do not stand where they lie. */
std::string map_text(const ClusterPoints& points, std::string_view directions) {
  const std::string text(directions);
  if (points.x.empty()) return text;
  const auto [left, right] = extent(points.x);
  const auto [low, high] = extent(points.y);
  int64_t outside = 0;
  for (size_t i = 0; i < points.x.size(); ++i)
    outside += points.x[i] < left || points.x[i] > right || points.y[i] < low || points.y[i] > high;
  return outside == 0 ? text : fmt::format("{}; {} at the rim {} farther out", text, outside, outside == 1 ? "lies" : "lie");
}

/** A montage in a box so wide, without what is left of its last row. */
void draw_montage(Canvas& canvas, const Image& all, int64_t columns, int64_t count, Point corner, double width) {
  const int64_t rows = (count + columns - 1) / columns, full = count / columns, rest = count % columns;
  if (rows == 0 || all.rows < rows || all.columns < columns) return;
  const int64_t rows_each = all.rows / rows, columns_each = all.columns / columns;
  const double scale = width / static_cast<double>(all.columns);
  const auto part = [&](int64_t row, int64_t height, int64_t across) {
    if (height > 0 && across > 0)
      canvas.image(
          {corner.x, corner.y + scale * static_cast<double>(row), scale * static_cast<double>(across), scale * static_cast<double>(height)},
          crop(all, {row, 0, height, across}));
  };
  part(0, full * rows_each, all.columns);
  part(full * rows_each, rest > 0 ? rows_each : 0, rest * columns_each);
}

/** Of a picture that is so wide. */
double height_of(const Image& image, double width) {
  return image.columns > 0 ? width * static_cast<double>(image.rows) / static_cast<double>(image.columns) : 0;
}

}  // namespace

Figure cluster_sheet(const ClustersRecord& record, std::span<const Image> tiles) {
  constexpr double kBlock = 150, kGap = 22, kCaption = 34, kBar = 7;
  const int64_t count = std::ssize(record.clusters), columns = std::min<int64_t>(8, std::max<int64_t>(4, count));
  const double width = 2 * kFigureMargin + static_cast<double>(columns) * (kBlock + kGap) - kGap;
  // Blocks of a row are as high as its highest.
  const std::vector<Image> held(tiles.begin(), tiles.end());
  std::vector<double> tops;
  double y = kClustersTop;
  for (size_t first = 0; first < held.size(); first += static_cast<size_t>(columns)) {
    tops.push_back(y);
    double highest = 0;
    for (size_t i = first; i < std::min(held.size(), first + static_cast<size_t>(columns)); ++i)
      highest = std::max(highest, height_of(held[i], kBlock));
    y += kCaption + highest + kBar + 8 + kGap;
  }
  return {width, y - kGap + kFigureMargin, fmt::format("clusters of {}", record.node), [=](Canvas& canvas) {
            heading(canvas, record, fmt::format("{} clusters of {}: {}", record.clusters.size(), record.node, purity_text(record)),
                    "nearest to the centre first; a sixth row shows the farthest", width);
            for (size_t i = 0; i < held.size(); ++i) {
              const ClusterRecord& cluster = record.clusters[i];
              const double x = kFigureMargin + static_cast<double>(i % static_cast<size_t>(columns)) * (kBlock + kGap);
              const double top = tops[i / static_cast<size_t>(columns)];
              canvas.text({x, top + 11}, fmt::format("{}: {} image{}", i, cluster.size, cluster.size == 1 ? "" : "s"),
                          {.size = 12, .bold = true});
              canvas.text({x, top + 26}, fitted(classes_text(cluster, record.classes, 2), kClustersNumber, kBlock), kClustersNumber);
              const double high = height_of(held[i], kBlock);
              draw_montage(canvas, held[i], record.columns, std::ssize(cluster.nearest) + std::ssize(cluster.farthest), {x, top + kCaption},
                           kBlock);
              double at = x;
              for (size_t c = 0; c < cluster.histogram.size(); ++c) {
                const double share =
                    kBlock * static_cast<double>(cluster.histogram[c]) / static_cast<double>(std::max<int64_t>(1, cluster.size));
                if (share > 0) canvas.fill({at, top + kCaption + high + 5, share, kBar}, class_colour(static_cast<int64_t>(c)));
                at += share;
              }
            }
          }};
}

std::vector<Point> cluster_places(const ClusterPoints& points) {
  return placed(points, kMapWidth, kMapHeight, {kFigureMargin + 4, kClustersTop});
}

std::optional<ClusterPoints> on_tsne_map(const ClusterPoints& points) {
  if (points.tsne_x.empty()) return std::nullopt;
  ClusterPoints moved = points;
  moved.x = points.tsne_x;
  moved.y = points.tsne_y;
  return moved;
}

Figure cluster_map(const ClustersRecord& record, const ClusterPoints& points, std::string_view directions) {
  const double across = std::max(kClustersLeastWidth, view_of(points, kMapWidth, kMapHeight).width);
  const double width = kFigureMargin + across + 32 + kClustersLegend + kFigureMargin;
  return {width, kClustersTop + kMapHeight + kFigureMargin, fmt::format("map of {}", record.node),
          [=, text = map_text(points, directions)](Canvas& canvas) {
            heading(canvas, record, fmt::format("Images as {} sees them", record.node), text, width);
            const std::vector<Point> places = cluster_places(points);
            // By turns, so that no class lies upon all others.
            constexpr size_t kTurns = 12;
            for (size_t turn = 0; turn < kTurns; ++turn)
              for (size_t c = 0; c < record.classes.size(); ++c)
                for (size_t i = turn; i < places.size(); i += kTurns)
                  if (points.label[i] == static_cast<int64_t>(c))
                    canvas.path(std::span(&places[i], 1), sheer(class_colour(points.label[i]), 0.8), 5);
            legend(canvas, record, kFigureMargin + across + 32, kClustersTop + 10);
          }};
}

std::vector<Stand> cluster_stands(const ClusterPoints& points) {
  constexpr double kCell = kMapWidth / kCellColumns;
  const std::vector<Point> places = placed(points, kMapWidth - kCell, kMapHeight - kCell, {kCell / 2, kCell / 2});
  struct Best {
    double apart;
    int64_t point;
  };
  std::map<std::pair<int64_t, int64_t>, Best> cells;
  for (size_t i = 0; i < places.size(); ++i) {
    const int64_t row = std::clamp<int64_t>(static_cast<int64_t>(places[i].y / kCell), 0, kCellRows - 1);
    const int64_t column = std::clamp<int64_t>(static_cast<int64_t>(places[i].x / kCell), 0, kCellColumns - 1);
    const double apart =
        std::hypot(places[i].x - (static_cast<double>(column) + 0.5) * kCell, places[i].y - (static_cast<double>(row) + 0.5) * kCell);
    const auto [best, fresh] = cells.try_emplace({row, column}, Best{apart, static_cast<int64_t>(i)});
    if (!fresh && apart < best->second.apart) best->second = {apart, static_cast<int64_t>(i)};
  }
  std::vector<Stand> stands;
  for (const auto& [cell, best] : cells) stands.push_back({best.point, cell.first, cell.second});
  return stands;
}

Figure cluster_picture_map(const ClustersRecord& record, const ClusterPoints& points, std::span<const Stand> stands,
                           std::span<const Image> pictures, std::string_view directions) {
  constexpr double kCell = 34;
  int64_t columns = 12;
  for (const Stand& stand : stands) columns = std::max(columns, stand.column + 1);
  const double across = kCell * static_cast<double>(columns), width = kFigureMargin + across + 24 + kClustersLegend + kFigureMargin;
  const std::vector<Stand> where(stands.begin(), stands.end());
  const std::vector<Image> held(pictures.begin(), pictures.end());
  return {width, kClustersTop + kCell * kCellRows + kFigureMargin, fmt::format("pictures on the map of {}", record.node),
          [=, text = map_text(points, directions)](Canvas& canvas) {
            heading(canvas, record, fmt::format("Images as {} sees them", record.node), text + "; one image for each place", width);
            for (size_t i = 0; i < where.size(); ++i) {
              const double longest = static_cast<double>(std::max(held[i].rows, held[i].columns));
              const double w = (kCell - 4) * static_cast<double>(held[i].columns) / longest,
                           h = (kCell - 4) * static_cast<double>(held[i].rows) / longest;
              const Box box{kFigureMargin + kCell * static_cast<double>(where[i].column) + 2,
                            kClustersTop + kCell * static_cast<double>(where[i].row) + 2, w, h};
              canvas.fill(box.grown(1.6), class_colour(points.label[static_cast<size_t>(where[i].point)]));
              canvas.image(box, held[i]);
            }
            legend(canvas, record, kFigureMargin + across + 24, kClustersTop + 10);
          }};
}

}  // namespace convscope

#include "convscope/report/inspect/filter_sheet.h"

#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/report/draw/chart.h"
#include "convscope/report/draw/montage.h"

namespace convscope {

namespace {

constexpr double kFilterSheetTop = 84;
const TextStyle kFilterSheetNumber{.size = 10, .colour = kMuted};

}  // namespace

std::string filter_title(const WeightsRecord& record) {
  return fmt::format("{} [{}] of {}", record.node, join(record.shape, ", "), record.network.name);
}

std::string filter_scale_text(const WeightsRecord& record) {
  const int64_t all = record.shape[0], shown = std::ssize(record.filters), channels = record.shape[1];
  const std::string which = shown == all ? fmt::format("all {} filters", all) : fmt::format("{} of {} filters", shown, all);
  if (record.colour) return fmt::format("{}, as red, green and blue; each from its least weight (0) to its largest (1)", which);
  if (channels == 1) return fmt::format("{}; each from its least weight (black) to its largest (white)", which);
  return fmt::format("{}, a row each; {} input channels; each row from its least weight (black) to its largest (white)", which,
                     record.channels == channels ? fmt::format("all {}", channels) : fmt::format("{} of {}", record.channels, channels));
}

Figure filter_sheet(const WeightsRecord& record, const Image& tiles) {
  const int64_t count = std::ssize(record.filters), rows_each = record.shape[2], columns_each = record.shape[3];
  const bool a_row_each = record.channels > 1 && !record.colour;
  const double side = a_row_each ? std::clamp(1200.0 / static_cast<double>(record.columns), 14.0, 36.0) : 72.0;
  const double gap = a_row_each ? 2 : 10, caption = a_row_each ? 0 : 15, left = a_row_each ? 30 : 0;
  const double longest = static_cast<double>(std::max(rows_each, columns_each));
  const double w = side * static_cast<double>(columns_each) / longest, h = side * static_cast<double>(rows_each) / longest;
  const int64_t tiles_count = a_row_each ? count * record.columns : count;
  const double rows = static_cast<double>((tiles_count + record.columns - 1) / record.columns);
  const double width = std::max(460.0, 2 * kFigureMargin + left + static_cast<double>(record.columns) * (w + gap) - gap);
  const double height = kFilterSheetTop + rows * (h + caption + gap) - gap + kFigureMargin;
  const std::string title = filter_title(record);
  return {width, height, title, [=](Canvas& canvas) {
            canvas.text({kFigureMargin, kFigureMargin + 12}, fitted(title, kSheetTitle, width - 2 * kFigureMargin), kSheetTitle);
            canvas.text({kFigureMargin, kFigureMargin + 30}, fitted(record.about, kSubtitle, width - 2 * kFigureMargin), kSubtitle);
            canvas.text({kFigureMargin, kFigureMargin + 46},
                        fitted(filter_scale_text(record), kFilterSheetNumber, width - 2 * kFigureMargin), kFilterSheetNumber);
            for (int64_t n = 0; n < tiles_count; ++n) {
              const double x = kFigureMargin + left + static_cast<double>(n % record.columns) * (w + gap);
              const double y = kFilterSheetTop + static_cast<double>(n / record.columns) * (h + caption + gap);
              canvas.image({x, y, w, h}, piece(tiles, record.columns, rows_each, columns_each, n));
              const auto name = [&](int64_t i) { return std::to_string(record.filters[static_cast<size_t>(i)].filter); };
              if (!a_row_each)
                canvas.text({x, y + h + 12}, name(n), kFilterSheetNumber);
              else if (n % record.columns == 0)
                canvas.text({kFigureMargin + left - 6, y + h / 2 + 3.5}, name(n / record.columns),
                            {.size = 10, .colour = kMuted, .align = Align::right});
            }
          }};
}

}  // namespace convscope

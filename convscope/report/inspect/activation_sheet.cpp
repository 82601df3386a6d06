#include "convscope/report/inspect/activation_sheet.h"

#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/report/draw/chart.h"
#include "convscope/report/draw/montage.h"

namespace convscope {

namespace {

constexpr double kActivationSheetTop = 84, kActivationSheetSide = 76, kActivationSheetGap = 8, kActivationSheetCaption = 15;
const TextStyle kActivationSheetNumber{.size = 10, .colour = kMuted};

}  // namespace

std::string activation_scale_text(const ActivationsRecord& record, const ImageAnswers& answers) {
  const int64_t all = record.shape[0], shown = std::ssize(answers.channels);
  const auto dark =
      std::count_if(answers.channels.begin(), answers.channels.end(), [](const ChannelAnswer& c) { return c.low == 0 && c.high == 0; });
  return fmt::format(
      "{}; {}{}", shown == all ? fmt::format("all {} channels", all) : fmt::format("{} of {} channels", shown, all),
      record.sign ? "each from blue (below 0) over white to red, on a scale of its own" : "each from black (0) to white (its own largest)",
      dark > 0 ? fmt::format("; {} zero everywhere", dark) : std::string());
}

Figure activation_sheet(const ActivationsRecord& record, const ImageAnswers& answers, const Image& input, const Image& tiles) {
  const int64_t count = std::ssize(answers.channels) + 1, columns = std::min(record.columns, count);
  const int64_t rows_each = record.shape[1], columns_each = record.shape[2];
  const auto box_of = [](int64_t rows, int64_t columns_, double x, double y) {
    const double longest = static_cast<double>(std::max(rows, columns_));
    return Box{x, y, kActivationSheetSide * static_cast<double>(columns_) / longest,
               kActivationSheetSide * static_cast<double>(rows) / longest};
  };
  const double rows = static_cast<double>((count + columns - 1) / columns);
  const double width = std::max(
      460.0, 2 * kFigureMargin + static_cast<double>(columns) * (kActivationSheetSide + kActivationSheetGap) - kActivationSheetGap);
  const double height = kActivationSheetTop + rows * (kActivationSheetSide + kActivationSheetCaption + kActivationSheetGap) -
                        kActivationSheetGap + kFigureMargin;
  const std::string title = fmt::format("{} [{}] of {}", record.node, join(record.shape, ", "), record.network.name);
  return {width, height, title, [=](Canvas& canvas) {
            const double room = width - 2 * kFigureMargin;
            canvas.text({kFigureMargin, kFigureMargin + 12}, fitted(title, kSheetTitle, room), kSheetTitle);
            canvas.text({kFigureMargin, kFigureMargin + 30},
                        fitted(fmt::format("{}; {}", record.about, record.data.text()), kSubtitle, room), kSubtitle);
            canvas.text({kFigureMargin, kFigureMargin + 46}, fitted(activation_scale_text(record, answers), kActivationSheetNumber, room),
                        kActivationSheetNumber);
            for (int64_t n = 0; n < count; ++n) {
              const double x = kFigureMargin + static_cast<double>(n % columns) * (kActivationSheetSide + kActivationSheetGap);
              const double y = kActivationSheetTop +
                               static_cast<double>(n / columns) * (kActivationSheetSide + kActivationSheetCaption + kActivationSheetGap);
              if (n == 0) {
                canvas.image(box_of(input.rows, input.columns, x, y), input);
                canvas.text({x, y + kActivationSheetSide + 12},
                            fitted(fmt::format("#{} {}", answers.image, answers.label), kActivationSheetNumber, kActivationSheetSide),
                            {.size = 10});
                continue;
              }
              canvas.image(box_of(rows_each, columns_each, x, y), piece(tiles, record.columns, rows_each, columns_each, n - 1));
              const ChannelAnswer& channel = answers.channels[static_cast<size_t>(n - 1)];
              canvas.text({x, y + kActivationSheetSide + 12}, std::to_string(channel.channel), kActivationSheetNumber);
              const double most = std::max(std::abs(channel.low), std::abs(channel.high));
              canvas.text({x + kActivationSheetSide, y + kActivationSheetSide + 12},
                          most == 0 ? std::string("0") : fmt::format("{:.3g}", most),
                          {.size = 10, .colour = kMuted, .align = Align::right});
            }
          }};
}

}  // namespace convscope

#include "convscope/report/attribution/attribution_sheet.h"

#include <algorithm>
#include <cmath>

#include "convscope/report/draw/chart.h"

namespace convscope {

namespace {

constexpr double kAttributionSheetGap = 16, kAttributionSheetSide = 150, kAttributionSheetCaption = 40;

const TextStyle kAttributionSheetName{.size = 12};
const TextStyle kAttributionSheetNumber{.size = 11, .colour = kMuted};

std::string map_number(double v) { return std::abs(v) >= 1e-3 && std::abs(v) < 1e4 ? fmt::format("{:.3g}", v) : fmt::format("{:.2e}", v); }

std::string with_minus(std::string text) { return text.starts_with('-') ? "−" + text.substr(1) : text; }

std::string said_of_map(const AttributionMap& map) {
  if (std::isnan(map.confidence)) return map.target;
  return fmt::format("{} {:.1f} %", map.name, 100 * map.confidence);
}

}  // namespace

std::string scale_text(const AttributionMap& map, bool sign) {
  if (map.zero) return "zero everywhere";
  return fmt::format("{} … {}", sign ? with_minus(map_number(map.low)) : "0", with_minus(map_number(map.high)));
}

Image overlaid(const Image& map, const Image& input, double strength) {
  const Image grey = with_channels(with_channels(input, 1), 3);
  Image both = map;
  for (size_t i = 0; i < both.pixels.size(); ++i)
    both.pixels[i] = static_cast<uint8_t>(std::lround(strength * map.pixels[i] + (1 - strength) * grey.pixels[i]));
  return both;
}

Figure attribution_sheet(const AttributionRecord& record, std::span<const ExplainedPicture> pictures) {
  const size_t rows = pictures.size();
  const double width = 2 * kFigureMargin + 3 * kAttributionSheetSide + 2 * kAttributionSheetGap;
  const double top = kFigureMargin + 52;
  const double height = top + static_cast<double>(rows) * (kAttributionSheetSide + kAttributionSheetCaption + kAttributionSheetGap) +
                        kFigureMargin - kAttributionSheetGap;
  std::vector<ExplainedPicture> held(pictures.begin(), pictures.end());
  return {
      width, height, fmt::format("{} of {}", record.method, record.network), [=](Canvas& canvas) {
        canvas.text({kFigureMargin, kFigureMargin + 14}, fitted(record.method, kSheetTitle, width - 2 * kFigureMargin), kSheetTitle);
        canvas.text({kFigureMargin, kFigureMargin + 34},
                    fitted(fmt::format("{} on {}; of {}", record.network, record.data, record.of), kSubtitle, width - 2 * kFigureMargin),
                    kSubtitle);
        for (size_t i = 0; i < held.size(); ++i) {
          const AttributionMap& map = record.maps[i];
          const double y = top + static_cast<double>(i) * (kAttributionSheetSide + kAttributionSheetCaption + kAttributionSheetGap);
          const double longest = static_cast<double>(std::max(held[i].input.rows, held[i].input.columns));
          const double w = kAttributionSheetSide * static_cast<double>(held[i].input.columns) / longest;
          const double h = kAttributionSheetSide * static_cast<double>(held[i].input.rows) / longest;
          const auto column = [&](double k) { return kFigureMargin + k * (kAttributionSheetSide + kAttributionSheetGap); };
          canvas.image({column(0), y, w, h}, held[i].input);
          canvas.image({column(1), y, w, h}, held[i].map);
          canvas.image({column(2), y, w, h}, overlaid(held[i].map, held[i].input, 0.5));
          const auto caption = [&](double k, double line, const std::string& text, const TextStyle& style) {
            canvas.text({column(k), y + h + 15 + 15 * line}, fitted(text, style, kAttributionSheetSide), style);
          };
          caption(0, 0, map.label.empty() ? fmt::format("#{}", map.image) : fmt::format("#{} {}", map.image, map.label),
                  kAttributionSheetName);
          caption(1, 0, said_of_map(map), kAttributionSheetName);
          caption(1, 1, scale_text(map, record.sign), kAttributionSheetNumber);
          if (!std::isnan(map.completeness_gap))
            caption(
                2, 0,
                fmt::format("gap {} of {}, {} steps", map_number(map.completeness_gap), with_minus(map_number(map.difference)), map.steps),
                kAttributionSheetNumber);
        }
      }};
}

}  // namespace convscope

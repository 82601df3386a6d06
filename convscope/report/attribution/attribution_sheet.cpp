#include "convscope/report/attribution/attribution_sheet.h"

#include <algorithm>
#include <cmath>

namespace convscope {

namespace {

constexpr double kMargin = 24, kGap = 16, kSide = 150, kCaption = 40;

const TextStyle kTitle{.size = 16, .bold = true};
const TextStyle kSubtitle{.size = 12, .colour = kMuted};
const TextStyle kName{.size = 12};
const TextStyle kNumber{.size = 11, .colour = kMuted};

std::string number(double v) { return std::abs(v) >= 1e-3 && std::abs(v) < 1e4 ? fmt::format("{:.3g}", v) : fmt::format("{:.2e}", v); }

std::string with_minus(std::string text) { return text.starts_with('-') ? "−" + text.substr(1) : text; }

std::string said(const AttributionMap& map) {
  if (std::isnan(map.confidence)) return map.target;
  return fmt::format("{} {:.1f} %", map.name, 100 * map.confidence);
}

}  // namespace

std::string scale_text(const AttributionMap& map, bool sign) {
  if (map.zero) return "zero everywhere";
  return fmt::format("{} … {}", sign ? with_minus(number(map.low)) : "0", with_minus(number(map.high)));
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
  const double width = 2 * kMargin + 3 * kSide + 2 * kGap;
  const double top = kMargin + 52;
  const double height = top + static_cast<double>(rows) * (kSide + kCaption + kGap) + kMargin - kGap;
  std::vector<ExplainedPicture> held(pictures.begin(), pictures.end());
  return {width, height, fmt::format("{} of {}", record.method, record.network), [=](Canvas& canvas) {
            canvas.text({kMargin, kMargin + 14}, fitted(record.method, kTitle, width - 2 * kMargin), kTitle);
            canvas.text({kMargin, kMargin + 34},
                        fitted(fmt::format("{} on {}; of {}", record.network, record.data, record.of), kSubtitle, width - 2 * kMargin),
                        kSubtitle);
            for (size_t i = 0; i < held.size(); ++i) {
              const AttributionMap& map = record.maps[i];
              const double y = top + static_cast<double>(i) * (kSide + kCaption + kGap);
              const double longest = static_cast<double>(std::max(held[i].input.rows, held[i].input.columns));
              const double w = kSide * static_cast<double>(held[i].input.columns) / longest;
              const double h = kSide * static_cast<double>(held[i].input.rows) / longest;
              const auto column = [&](double k) { return kMargin + k * (kSide + kGap); };
              canvas.image({column(0), y, w, h}, held[i].input);
              canvas.image({column(1), y, w, h}, held[i].map);
              canvas.image({column(2), y, w, h}, overlaid(held[i].map, held[i].input, 0.5));
              const auto caption = [&](double k, double line, const std::string& text, const TextStyle& style) {
                canvas.text({column(k), y + h + 15 + 15 * line}, fitted(text, style, kSide), style);
              };
              caption(0, 0, map.label.empty() ? fmt::format("#{}", map.image) : fmt::format("#{} {}", map.image, map.label), kName);
              caption(1, 0, said(map), kName);
              caption(1, 1, scale_text(map, record.sign), kNumber);
              if (!std::isnan(map.completeness_gap))
                caption(2, 0,
                        fmt::format("gap {} of {}, {} steps", number(map.completeness_gap), with_minus(number(map.difference)), map.steps),
                        kNumber);
            }
          }};
}

}  // namespace convscope

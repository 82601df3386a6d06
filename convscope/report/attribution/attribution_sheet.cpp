#include "convscope/report/attribution/attribution_sheet.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <vector>

#include "convscope/report/draw/chart.h"

namespace convscope {

namespace {

constexpr double kAttributionSheetGap = 16, kAttributionSheetSide = 150, kAttributionSheetCaption = 40;

const TextStyle kAttributionSheetName{.size = 12};
const TextStyle kAttributionSheetNumber{.size = 11, .colour = kMuted};

std::string map_number(double v) {
  return v == 0 || (std::abs(v) >= 1e-3 && std::abs(v) < 1e4) ? fmt::format("{:.3g}", v) : fmt::format("{:.2e}", v);
}

std::string with_minus(std::string text) { return text.starts_with('-') ? "−" + text.substr(1) : text; }

/** Broken where it says ";". */
void add_lines(const std::string& text, double width, std::vector<std::string>& lines) {
  std::string line;
  for (size_t first = 0; first < text.size();) {
    const size_t end = text.find("; ", first);
    const std::string part = text.substr(first, end == std::string::npos ? end : end - first);
    const std::string longer = line.empty() ? part : line + "; " + part;
    if (!line.empty() && text_width(longer, kSubtitle) > width) {
      lines.push_back(line);
      line = part;
    } else {
      line = longer;
    }
    first = end == std::string::npos ? text.size() : end + 2;
  }
  if (!line.empty()) lines.push_back(line);
}

/** The lines below the name of the method. */
std::vector<std::string> head_lines(const AttributionRecord& record, double width) {
  std::vector<std::string> lines{fmt::format("{} on {}", record.network.name, record.data.text()), "of " + explained_by(record)};
  add_lines(record.legend, width, lines);
  add_lines(channels_text(record.channels), width, lines);
  return lines;
}

std::string sentence(std::string text) {
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

std::string scale_text(const AttributionRecord& record, const AttributionMap& map) {
  if (map.zero) return "zero everywhere";
  return fmt::format("{} … {}", map.low < 0 ? with_minus(map_number(map.low)) : "0", with_minus(map_number(map.high))) +
         (record.gain > 0 ? ", in colour" : "");
}

std::string about_maps(const AttributionRecord& record) {
  std::string text = sentence("of " + explained_by(record)) + ".";
  if (!record.legend.empty()) text += " " + sentence(record.legend);
  const std::string channels = channels_text(record.channels);
  if (!channels.empty()) text += "; " + channels;
  return text + (record.legend.empty() ? "" : ".");
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
  const std::vector<std::string> lines = head_lines(record, width - 2 * kFigureMargin);
  const double top = kFigureMargin + 32 + 17 * static_cast<double>(lines.size());
  const double height = top + static_cast<double>(rows) * (kAttributionSheetSide + kAttributionSheetCaption + kAttributionSheetGap) +
                        kFigureMargin - kAttributionSheetGap;
  std::vector<ExplainedPicture> held(pictures.begin(), pictures.end());
  return {width, height, fmt::format("{} of {}", record.method, record.network.name), [=](Canvas& canvas) {
            canvas.text({kFigureMargin, kFigureMargin + 14}, fitted(record.method, kSheetTitle, width - 2 * kFigureMargin), kSheetTitle);
            for (size_t i = 0; i < lines.size(); ++i)
              canvas.text({kFigureMargin, kFigureMargin + 34 + 17 * static_cast<double>(i)},
                          fitted(lines[i], kSubtitle, width - 2 * kFigureMargin), kSubtitle);
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
              caption(1, 0, said_of_map(record, map), kAttributionSheetName);
              caption(1, 1, scale_text(record, map), kAttributionSheetNumber);
              caption(2, 0, completeness_text(map), kAttributionSheetNumber);
              if (map.superpixels > 0)
                caption(2, 1,
                        fmt::format("{}two seeds {:.2f}, R² {:.2f}", map.stability < 0.9 ? "not stable: " : "", map.stability, map.r2),
                        kAttributionSheetNumber);
              else if (std::isfinite(map.completeness_gap))  // a warning has a line of its own, where nothing cuts it off
                caption(2, 1, map.note, kAttributionSheetNumber);
            }
          }};
}

}  // namespace convscope

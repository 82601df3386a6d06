#include "convscope/report/attack/attack_sheet.h"

#include <algorithm>
#include <vector>

#include "convscope/report/draw/chart.h"
#include "convscope/results/attack_summary.h"

namespace convscope {

namespace {

constexpr double kAttackSheetGap = 16, kAttackSheetSide = 172, kAttackSheetCaption = 40;

const TextStyle kAttackSheetName{.size = 12};
const TextStyle kAttackSheetNumber{.size = 10.5, .colour = kMuted};

std::string attack_subtitle(const AttackRecord& r) {
  const std::string within = r.bounded && !r.curve.empty() ? fmt::format("; within {}", epsilon_text(r.curve.back().epsilon)) : "";
  return fmt::format("{} on {}{}", r.network.name, r.data.text(), within);
}

/** As the attribution study writes it. */
bool in_percent(const AttackRecord& record) { return record.options.value("captions", "") == "percent"; }

}  // namespace

std::string gain_text(const AttackRecord& record) {
  const std::string_view what = record.from_black ? "picture" : "difference";
  return record.gain == 1 ? fmt::format("0.5 + {}", what) : fmt::format("0.5 + {:.4g} × {}", record.gain, what);
}

AttackCaption caption_before(const AttackRecord& record, const AttackImage& image) {
  const std::string& taken_for = image.taken_for.empty() ? image.from : image.taken_for;
  if (in_percent(record)) return {"", fmt::format("{:.0f}% {}, {}", 100 * image.from_confidence, taken_for, image.from)};
  return {taken_for, fmt::format("{:.5f}{}", image.from_confidence, taken_for == image.from ? std::string() : ", is " + image.from)};
}

AttackCaption caption_after(const AttackRecord& record, const AttackImage& image) {
  if (in_percent(record)) return {"", fmt::format("{:.0f}% {}", 100 * image.confidence, image.to)};
  return {image.to, fmt::format("{:.5f}", image.confidence)};
}

std::string change_text(const AttackImage& image) {
  return fmt::format("L∞ {:.4f}, L2 {:.3f}, {} step{}", image.linf, image.l2, image.iterations, image.iterations == 1 ? "" : "s");
}

std::string number_text(const AttackImage& image) {
  return fmt::format("#{}{}", image.index, outcome_of(image) == "wrong before" ? ", wrong before" : "");
}

std::string rounding_text(const AttackImage& image) {
  return image.to_8bit == image.to ? "" : fmt::format("{} {:.5f} as 8 bits", image.to_8bit, image.confidence_8bit);
}

Figure attack_sheet(const AttackRecord& record, std::span<const AttackedPicture> pictures) {
  const double width = 2 * kFigureMargin + 3 * kAttackSheetSide + 2 * kAttackSheetGap;
  const double top = kFigureMargin + 52;
  std::vector<AttackImage> images;
  for (const AttackImage& image : record.images)
    if (!image.result.empty() && images.size() < pictures.size()) images.push_back(image);
  const size_t rows = images.size();
  const double height =
      top + static_cast<double>(rows) * (kAttackSheetSide + kAttackSheetCaption + kAttackSheetGap) + kFigureMargin - kAttackSheetGap;
  const std::vector<AttackedPicture> held(pictures.begin(), pictures.begin() + static_cast<std::ptrdiff_t>(rows));
  const std::string title = attack_name(record), subtitle = attack_subtitle(record), gain = gain_text(record);
  return {width, height, fmt::format("{} of {}", title, record.network.name), [=](Canvas& canvas) {
            canvas.text({kFigureMargin, kFigureMargin + 14}, fitted(title, kSheetTitle, width - 2 * kFigureMargin), kSheetTitle);
            canvas.text({kFigureMargin, kFigureMargin + 34}, fitted(subtitle, kSubtitle, width - 2 * kFigureMargin), kSubtitle);
            for (size_t i = 0; i < held.size(); ++i) {
              const AttackImage& image = images[i];
              const double y = top + static_cast<double>(i) * (kAttackSheetSide + kAttackSheetCaption + kAttackSheetGap);
              const double longest = static_cast<double>(std::max(held[i].clean.rows, held[i].clean.columns));
              const double w = kAttackSheetSide * static_cast<double>(held[i].clean.columns) / longest;
              const double h = kAttackSheetSide * static_cast<double>(held[i].clean.rows) / longest;
              const auto column = [&](double k) { return kFigureMargin + k * (kAttackSheetSide + kAttackSheetGap); };
              canvas.image({column(0), y, w, h}, held[i].clean);
              canvas.image({column(1), y, w, h}, held[i].noise);
              canvas.image({column(2), y, w, h}, held[i].result);
              const auto caption = [&](double k, double line, const std::string& text, const TextStyle& style) {
                canvas.text({column(k), y + h + 15 + 15 * line}, fitted(text, style, kAttackSheetSide), style);
              };
              caption(0, 0, caption_before(record, image).text(), kAttackSheetName);
              caption(0, 1, number_text(image), kAttackSheetNumber);
              caption(1, 0, gain, kAttackSheetName);
              caption(1, 1, change_text(image), kAttackSheetNumber);
              caption(2, 0, caption_after(record, image).text(), kAttackSheetName);
              caption(2, 1, rounding_text(image), kAttackSheetNumber);
            }
          }};
}

}  // namespace convscope

#include "convscope/report/inspect/feature_sheet.h"

#include <algorithm>
#include <cmath>

#include "convscope/report/draw/chart.h"

namespace convscope {

namespace {

constexpr double kFeatureTop = 84, kFeatureSide = 216, kFeatureGap = 14, kFeatureCaption = 36, kTopSide = 84, kTopCaption = 16;
const TextStyle kFeatureNumber{.size = 11, .colour = kMuted};
const TextStyle kTopNumber{.size = 10, .colour = kMuted};

/** A picture in a square, not stretched. */
Box inside(double x, double y, double side, const Image& picture) {
  const double longest = static_cast<double>(std::max(picture.rows, picture.columns));
  return {x, y, side * static_cast<double>(picture.columns) / longest, side * static_cast<double>(picture.rows) / longest};
}

}  // namespace

std::string feature_name(const FeatureRecord& feature) {
  if (!feature.objective.empty()) return feature.objective;
  return feature.name.empty() ? fmt::format("channel {}", feature.channel) : fmt::format("class {}, {}", feature.channel, feature.name);
}

std::string feature_text(const FeaturesRecord& record, const FeatureRecord& feature) {
  const std::string alike =
      std::isnan(feature.alike) ? "" : fmt::format("; pictures of different beginnings are alike to {:.2f}", feature.alike);
  return fmt::format("{} over {} images: mean {:.3g}, standard deviation {:.3g}{}", record.number, record.images, feature.mean,
                     feature.deviation, alike);
}

Figure feature_sheet(const FeaturesRecord& record, const FeatureRecord& feature, std::span<const Image> made, std::span<const Image> top) {
  const std::vector<Image> pictures(made.begin(), made.end()), best(top.begin(), top.end());
  const double of_made = static_cast<double>(pictures.size()) * (kFeatureSide + kFeatureGap);
  const double of_top = best.empty() ? 0 : static_cast<double>(record.columns) * (kTopSide + kFeatureGap) + kFeatureGap;
  const double rows = static_cast<double>((std::ssize(best) + record.columns - 1) / record.columns);
  const double width = 2 * kFigureMargin + std::max(380.0, of_made + of_top - kFeatureGap);
  const double height =
      kFeatureTop + std::max(kFeatureSide + kFeatureCaption, rows * (kTopSide + kTopCaption + kFeatureGap)) + kFigureMargin;
  const std::string title = feature.objective.empty() ? fmt::format("{}, {}", record.node, feature_name(feature)) : feature_name(feature);
  std::vector<std::string> captions;
  for (const FeaturePicture& one : feature.pictures) captions.push_back(reached_text(record, feature, one));
  return {
      width, height, title, [=](Canvas& canvas) {
        const double room = width - 2 * kFigureMargin;
        canvas.text({kFigureMargin, kFigureMargin + 12}, fitted(title, kSheetTitle, room), kSheetTitle);
        canvas.text({kFigureMargin, kFigureMargin + 30},
                    fitted(fmt::format("{}; {}; {}", record.network.name, record.data.text(), record.about), kSubtitle, room), kSubtitle);
        canvas.text({kFigureMargin, kFigureMargin + 46}, fitted(feature_text(record, feature), kFeatureNumber, room), kFeatureNumber);
        for (size_t n = 0; n < pictures.size(); ++n) {
          const double x = kFigureMargin + static_cast<double>(n) * (kFeatureSide + kFeatureGap);
          canvas.image(inside(x, kFeatureTop, kFeatureSide, pictures[n]), pictures[n]);
          canvas.text({x, kFeatureTop + kFeatureSide + 15}, fitted(captions[n], {.size = 12}, kFeatureSide), {.size = 12});
        }
        for (size_t n = 0; n < best.size(); ++n) {
          const double x = kFigureMargin + of_made + kFeatureGap +
                           static_cast<double>(static_cast<int64_t>(n) % record.columns) * (kTopSide + kFeatureGap);
          const double y =
              kFeatureTop + static_cast<double>(static_cast<int64_t>(n) / record.columns) * (kTopSide + kTopCaption + kFeatureGap);
          canvas.image(inside(x, y, kTopSide, best[n]), best[n]);
          canvas.text({x, y + kTopSide + 12},
                      fitted(fmt::format("{:.3g} {}", feature.top[n].activation, feature.top[n].label), kTopNumber, kTopSide), kTopNumber);
        }
      }};
}

}  // namespace convscope
